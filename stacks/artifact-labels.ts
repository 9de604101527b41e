import { environment } from "../environment/index.ts";
import { artifactPlace } from "../plesk/artifact/place.ts";
import type { ServiceState } from "./desired.ts";

/** What a stack's last update noted of its services, as far as an artifact's place goes. */
export interface NotedArtifacts {
  /** Output `deployed`. */
  readonly deployed: Readonly<Record<string, { readonly release?: string; readonly artifact?: string }>>;
  /** Output `desired`: canonical JSON of the state. */
  readonly desired?: string | undefined;
}

/**
 * Services whose last deployment named its artifact by a path of the machine, as versions before `catalog/…` did for a catalog outside
 * the project. Such a name stays in the document while it leads to the very same directory and the content is the same: else an
 * estate would be deployed once more for nothing. The first deployment of another content names it as all do. Pure but for the environment.
 *
 * @param root Where relative names begin: the project's root.
 * @returns the name that stays, by service
 */
export function keptArtifactNames(
  services: readonly ServiceState[],
  { deployed, desired }: NotedArtifacts,
  root: string,
  env: NodeJS.ProcessEnv = environment(),
): Map<string, string> {
  const before = namesOf(desired);
  const kept = new Map<string, string>();
  for (const { key, artifactDir, artifactDigest } of services) {
    const name = deployed[key]?.artifact ?? before.get(key);
    if (name === undefined || name === artifactDir || deployed[key]?.release !== artifactDigest) continue;
    if (artifactPlace(name, env, root) === artifactPlace(artifactDir, env, root)) kept.set(key, name);
  }
  return kept;
}

function namesOf(desired: string | undefined): Map<string, string> {
  try {
    const { services = [] } = JSON.parse(desired ?? "{}") as { services?: { key: string; artifactDir: string }[] };
    return new Map(services.map(({ key, artifactDir }) => [key, artifactDir]));
  } catch {
    // An output of another making says nothing.
    return new Map();
  }
}
