import { SitefleetError } from "../../errors/index.ts";
import { listed } from "../../fleet/run/preflight/words.ts";
import { type Catalog, type Host, overrideHosts } from "../../model/index.ts";
import { look, type Outcome, type ServiceLook } from "../../plesk/index.ts";
import { type Check, check, fault, type Line, ok, warning } from "../../vendors/checkup.ts";
import type { Estate } from "../kit/estate.ts";
import { readPlainSettings } from "../plesk/services/secrets.ts";
import { openTargets } from "../plesk/services/targets.ts";
import { roomLine } from "./room.ts";

/** Seconds to log in, and for one command: a look ends before its limit, and says why. */
const TIMES = { connect: 5, command: 7 } as const;
/** Below the first nothing can be deployed. */
const ROOM = {
  least: 100 * 2 ** 20,
  little: 2 * 2 ** 30,
  todo: "keep fewer releases (keep in services.yaml), or enlarge the quota",
};
/** Services that are named in one line. */
const NAMED = 4;

/** What was seen on a host. */
export interface HostFacts {
  readonly host: Pick<Host, "key" | "address" | "profile">;
  readonly outcomes: readonly Outcome<ServiceLook>[];
  /** Why databases were not asked. */
  readonly unasked: readonly string[];
}

/** Judges a host. Pure. */
export function judgeHost({ host, outcomes, unasked }: HostFacts): Line[] {
  const id = (what?: string) => (what === undefined ? `host.${host.key}` : `host.${host.key}.${what}`);
  const seen = outcomes.flatMap((one) => (one.ok ? [one.value] : []));
  const failed = outcomes.flatMap((one) => (one.ok ? [] : [{ service: one.service, error: one.error }]));
  const [first] = seen;
  // A host that cannot be reached is the outcome of each of its services: one line.
  if (first === undefined) return failed.slice(0, 1).map(({ error }) => failure(id(), host.address, error));
  const { probe } = first;
  const lines: Line[] = [
    ok(
      id(),
      `${host.address} lets ${probe.user ?? "the account"} in, key as pinned, profile ${host.profile}, shell ${probe.shell}`,
    ),
  ];
  lines.push(...failed.map(({ service, error }) => failure(id("services"), service, error)));
  const named = (looks: readonly ServiceLook[]) =>
    listed(
      looks.map(({ service }) => service),
      NAMED,
    );
  const readOnly = seen.filter((one) => !one.probe.writable);
  lines.push(
    readOnly.length > 0
      ? fault(
          id("rights"),
          `the account may not write beside the document root of ${named(readOnly)}`,
          "let it own the directory that holds the document root, or correct path in services.yaml",
        )
      : ok(id("rights"), "the account may write where releases go"),
  );
  lines.push(...disk(id("disk"), Math.min(...seen.map((one) => one.probe.freeBytes ?? Number.POSITIVE_INFINITY))));
  lines.push(...tools(id("tools"), seen));
  for (const one of seen.filter(({ obstacles }) => obstacles.length > 0))
    lines.push(
      fault(
        id("services"),
        `${one.service}: ${one.obstacles.join("; ")}`,
        `sitefleet plesk status --service ${one.service}`,
      ),
    );
  const pending = seen.filter((one) => one.pending && one.locks.length === 0);
  if (pending.length > 0)
    lines.push(
      warning(
        id("services"),
        `a run was cut off on ${named(pending)}`,
        "nothing: the next deployment puts back what it left",
      ),
    );
  lines.push(...databases(id("databases"), seen, unasked));
  return lines;
}

function disk(id: string, free: number): Line[] {
  if (!Number.isFinite(free)) return [ok(id, "the account cannot tell what is free")];
  return [roomLine(id, free, ROOM)];
}

function tools(id: string, seen: readonly ServiceLook[]): Line[] {
  const lacks = new Map(seen.flatMap(({ lacks: all }) => all.map((one) => [one.what, one] as const)));
  const perhaps = new Map<string, string[]>();
  for (const one of seen)
    for (const { what } of one.perhaps) perhaps.set(what, [...(perhaps.get(what) ?? []), one.service]);
  const lines = [
    ...[...lacks.values()].map(({ what, reason, wayOut }) => fault(id, `the host lacks ${what}: ${reason}`, wayOut)),
    ...[...perhaps].map(([what, services]) =>
      warning(id, `the host lacks ${what}, of ${listed(services, NAMED)}`, "bring it with the artifact, or install it"),
    ),
  ];
  return lines.length > 0 ? lines : [ok(id, "all programs that deployments need are there")];
}

function databases(id: string, seen: readonly ServiceLook[], unasked: readonly string[]): Line[] {
  const bad = seen.filter(({ database }) => database !== undefined);
  if (bad.length > 0) return bad.map(({ service, database }) => failure(id, service, database));
  const [why] = unasked;
  return why === undefined
    ? [ok(id, "those that services have answer, and their users' rights suffice")]
    : [ok(id, `not asked: ${why}`)];
}

function failure(id: string, subject: string, error: unknown): Line {
  if (!(error instanceof SitefleetError))
    return fault(id, `${subject}: ${String(error)}`, "report this: it is a defect");
  const { message, details, hint } = error;
  const more = details.length === 0 ? "" : ` (${details.slice(0, 3).join("; ")})`;
  return fault(id, `${subject}: ${message}${more}`, hint ?? "look at the host and at the network, then again");
}

/** The hosts that services are on. A host without a pinned key is told and not called. */
export function hostChecks(estate: Estate, catalog: Catalog): Check[] {
  return catalog.hosts.flatMap((host): Check[] => {
    const keys = catalog.services.flatMap(({ key, server }) => (server === host.key ? [key] : []));
    const id = `host.${host.key}`;
    if (keys.length === 0)
      return [
        check(
          id,
          host.key,
          () => [ok(id, "no service is on it: it is not called")],
          (lines) => lines,
        ),
      ];
    const gather = async (signal: AbortSignal): Promise<HostFacts> => {
      const [there = host] = overrideHosts([host], readPlainSettings(estate.configFile).hosts);
      const unasked: string[] = [];
      const emit = (event: { readonly event: string; readonly reason?: string }) => {
        if (event.event === "unknown-secret" && event.reason !== undefined) unasked.push(event.reason);
      };
      const { targets } = await openTargets({ estate, emit }, keys, { databases: "if-known" });
      const timed = targets.map((target) => ({ ...target, timeouts: { ...target.timeouts, ...TIMES } }));
      return { host: there, outcomes: await look(timed, { signal }), unasked };
    };
    return [check(id, `the host ${host.key}`, gather, judgeHost)];
  });
}
