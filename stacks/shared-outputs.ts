import * as pulumi from "@pulumi/pulumi";
import { SitefleetError } from "../errors/index.ts";
import { SHARED_STACK } from "./names.ts";

/** The maps that the shared stack hands to the others: Vercel project ids, Cloudflare zone ids, secrets; all by name. */
export type SharedMap = "projects" | "zones" | "secrets";

/** Reads outputs of the shared stack. */
export interface SharedReader {
  /** What was read, by map. Holds secrets where `secrets` was asked for. */
  readonly values: Readonly<Partial<Record<SharedMap, Readonly<Record<string, string>>>>>;
  /** Whether it has an entry. */
  has(map: SharedMap, key: string): boolean;
  /**
   * An entry of a map; secret for `secrets`. Unknown in a preview while the shared stack does not have it.
   * @throws SitefleetError `shared.missing` in an update
   */
  get(map: SharedMap, key: string): pulumi.Output<string>;
}

/**
 * Opens the shared stack of the same organisation and project. The values are read before any resource is declared: an
 * error then belongs to this stack's program alone, also where many programs run in one process.
 */
export async function openShared(maps: readonly SharedMap[]): Promise<SharedReader> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${SHARED_STACK}`;
  const reference = new pulumi.StackReference(name);
  const values: Partial<Record<SharedMap, Record<string, string>>> = {};
  for (const map of maps) {
    const details = await reference.getOutputDetails(map);
    const value = details.value ?? details.secretValue;
    if (value !== undefined) values[map] = value;
  }
  return {
    values,
    has: (map, key) => values[map]?.[key] !== undefined,
    get(map, key) {
      const value = values[map]?.[key];
      if (value !== undefined) return map === "secrets" ? pulumi.secret(value) : pulumi.output(value);
      // The first preview of a whole fleet runs before the shared stack exists: not known yet is the truth then.
      if (pulumi.runtime.isDryRun()) return pulumi.output(pulumi.unknown as unknown as string);
      throw new SitefleetError({
        code: "shared.missing",
        message: `stack ${SHARED_STACK} has no entry for ${key} in its output ${map}`,
        subject: key,
        hint: `bring up ${SHARED_STACK} first: pulumi up -s ${SHARED_STACK} (sitefleet up does it in the right order)`,
      });
    },
  };
}
