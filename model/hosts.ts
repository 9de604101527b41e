import { z } from "zod";
import { SitefleetError } from "../errors/index.ts";
import { canonicalKey } from "./canonical.ts";
import { HostShape } from "./shape/hosts.ts";
import type { Host } from "./types.ts";

const Key = z.array(HostShape.shape.hostKey.unwrap().element.transform(canonicalKey));
const Server = z.strictObject({ address: z.string(), port: z.int().min(1).max(65535) });

/** What a configuration may say otherwise of a host: how it is reached, never what lies on it. */
const Override = z.strictObject({
  address: z.string().optional(),
  port: z.int().min(1).max(65535).optional(),
  user: HostShape.shape.user.optional(),
  hostKey: z.union([Key.element.transform((key) => [key]), Key]).optional(),
  profile: HostShape.shape.profile.unwrap().optional(),
  parallel: z.int().min(1).optional(),
  web: HostShape.shape.web,
  mariadb: Server.optional(),
  postgresql: Server.optional(),
});

/** Overrides by key of the host. */
export type HostOverrides = Readonly<Record<string, z.output<typeof Override>>>;

/**
 * Reads the overrides of a configuration (`sitefleet:hosts`).
 *
 * @param value An object, or its JSON text; undefined for none.
 * @throws SitefleetError `settings.hosts` with every problem
 */
export function readHostOverrides(value: unknown): HostOverrides {
  if (value === undefined) return {};
  let plain: unknown = value;
  if (typeof value === "string") {
    try {
      plain = JSON.parse(value);
    } catch {
      plain = undefined;
    }
  }
  const result = z.record(z.string(), Override).safeParse(plain);
  if (result.success) return result.data;
  throw wrong(result.error.issues.map((issue) => `${issue.path.map(String).join(".") || "value"}: ${issue.message}`));
}

/**
 * The hosts as a configuration has them.
 *
 * @throws SitefleetError `settings.hosts` for a host that the catalog does not have: a slip there would call the real one
 */
export function overrideHosts(hosts: readonly Host[], overrides: HostOverrides): Host[] {
  const unknown = Object.keys(overrides).filter((key) => hosts.every((host) => host.key !== key));
  if (unknown.length > 0) {
    throw wrong(unknown.map((key) => `${key}: is no host of hosts.yaml (${hosts.map((host) => host.key).join(", ")})`));
  }
  return hosts.map((host) => {
    const { parallel, ...given } = overrides[host.key] ?? {};
    const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return { ...host, ...fields, parallel: Math.min(host.parallel, parallel ?? host.parallel) };
  });
}

/**
 * Makes sure that the key of every host is known before one of them is called.
 *
 * @throws SitefleetError `host.unpinned` with, for each, the command that shows what it answers with
 */
export function requireHostKeys(hosts: readonly Host[]): void {
  const unpinned = hosts.filter(({ hostKey }) => hostKey.length === 0);
  if (unpinned.length === 0) return;
  throw new SitefleetError({
    code: "host.unpinned",
    message: `the public key of ${unpinned.map(({ key }) => key).join(", ")} is not declared, and nothing is trusted on first use`,
    details: unpinned.map(({ key, address, port }) => `${key}: ssh-keyscan -p ${port} ${address} | ssh-keygen -lf -`),
    hint: "compare the fingerprint with what the hoster publishes, then write the key (ssh-keyscan without ssh-keygen) to hostKey in catalog/hosts.yaml",
  });
}

function wrong(details: readonly string[]): SitefleetError {
  return new SitefleetError({
    code: "settings.hosts",
    message: "sitefleet:hosts of the configuration is not valid",
    details,
    hint: "docs/reference/catalog.md (hosts.yaml) has its form",
  });
}
