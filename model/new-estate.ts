import { stringify } from "yaml";
import type { SecretEntry } from "./types.ts";

/** Text of secrets.yaml. Pure. @param repository `owner/name` whose environment holds them */
export function secretsText(
  repository: string,
  environment: string,
  secrets: readonly Pick<SecretEntry, "name" | "source" | "bytes">[],
): string {
  return stringify({ github: { repository, environment }, secrets });
}
