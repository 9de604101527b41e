import fc from "fast-check";
import { buildChangeSet, type ChangeSet } from "../../../../fleet/change-set/index.ts";
import type { EngineEvent } from "../../../../fleet/engine/event-log.ts";
import type { JobResult } from "../../../../fleet/engine/job.ts";
import { OutcomeBuilder } from "../../../../fleet/engine/outcome.ts";
import type { RunResult } from "../../../../fleet/run/run.ts";

/** A secret as the engine writes it into an event. */
export const masked = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "[secret]",
};
export const PROJECT = "vercel:index/project:Project";
export const DOMAIN = "vercel:index/projectDomain:ProjectDomain";
export const DEPLOYMENT = "vercel:index/deployment:Deployment";
export const RECORD = "cloudflare:index/dnsRecord:DnsRecord";
export const SECRET_TYPE = "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret";

/** What an event says of a step; the rest is filled in. */
export interface Told {
  readonly op: string;
  readonly type?: string;
  readonly name: string;
  readonly stack?: string;
  readonly parent?: string;
  readonly old?: Record<string, unknown>;
  readonly oldOutputs?: Record<string, unknown>;
  readonly new?: Record<string, unknown>;
  readonly diff?: Record<string, { diffKind: string; inputDiff: boolean }>;
  readonly diffs?: string[];
  readonly keys?: string[];
  readonly protect?: boolean;
  readonly custom?: boolean;
}

/** An event of the engine's, with everything that real ones hold. */
export function event(told: Told): EngineEvent {
  const { op, type = PROJECT, name, stack = "prod-cell-07", parent } = told;
  const urn = `urn:pulumi:${stack}::sitefleet::sitefleet:vercel:Site$${type}::${name}`;
  const base = {
    type,
    urn,
    custom: told.custom ?? true,
    parent: `urn:pulumi:${stack}::sitefleet::sitefleet:vercel:Site::${parent ?? name}`,
    provider: "",
    ...(told.protect ? { protect: true } : {}),
  };
  const old = told.old && { ...base, id: `id-${name}`, inputs: told.old, outputs: told.oldOutputs ?? told.old };
  const next = told.new && { ...base, id: "", inputs: told.new, outputs: {} };
  const metadata = {
    op,
    urn,
    type,
    old: old ?? null,
    new: next ?? null,
    detailedDiff: told.diff ?? null,
    ...(told.diffs ? { diffs: told.diffs } : {}),
    ...(told.keys ? { keys: told.keys } : {}),
    logical: true,
    provider: "",
  };
  return { sequence: 1, timestamp: Date.now(), resourcePreEvent: { metadata } } as unknown as EngineEvent;
}

/** The event with which a program hands over its outputs. */
export function outputs(stack: string, digest: string): EngineEvent {
  const type = "pulumi:pulumi:Stack";
  const metadata = {
    op: "same",
    urn: `urn:pulumi:${stack}::sitefleet::${type}::sitefleet-${stack}`,
    type,
    new: { outputs: { digest } },
  };
  return { sequence: 1, timestamp: 1, resOutputsEvent: { metadata } } as unknown as EngineEvent;
}

/** A stack's result from its events. */
export function result(stack: string, events: readonly EngineEvent[], more: Partial<JobResult> = {}): JobResult {
  const builder = new OutcomeBuilder();
  for (const one of events) builder.add(one);
  return { ...builder.outcome(), stack, ok: true, milliseconds: Math.random() * 1e4, ...more };
}

/** A run of these stacks. */
export function run(...results: JobResult[]): RunResult {
  return { results, skipped: [], milliseconds: Math.random() * 1e5 };
}

/** The change set of these events in one stack. */
export function setOf(...told: Told[]): ChangeSet {
  return buildChangeSet(run(result("prod-cell-07", [...told.map(event), outputs("prod-cell-07", "d1")])), {
    createdAt: new Date(0),
  });
}

const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 }));
const properties = fc.dictionary(fc.string({ minLength: 1, maxLength: 12 }), value, { maxKeys: 5 });
const type = fc.constantFrom(PROJECT, DOMAIN, DEPLOYMENT, RECORD, SECRET_TYPE, "command:local:Command", "x");

/** Any step, with names as nasty as they come. */
export const anyTold: fc.Arbitrary<Told> = fc
  .record({
    op: fc.constantFrom("create", "update", "replace", "delete", "import"),
    type,
    name: fc.string({ minLength: 1, maxLength: 80, unit: "binary" }),
    protect: fc.boolean(),
    custom: fc.boolean(),
    old: properties,
    new: properties,
  })
  .map(({ old, new: next, ...told }) => ({
    ...told,
    ...(told.op === "create" || told.op === "import" ? {} : { old }),
    ...(told.op === "delete" ? {} : { new: next }),
    ...(told.op === "update" || told.op === "replace" ? { diffs: Object.keys({ ...old, ...next }) } : {}),
  }));

const RELEASE = "sitefleet:vercel:Release";
const OLD = `3f0c8a1${"0".repeat(33)}`;
export const NEW = `4f0c8a1${"0".repeat(33)}`;

/** A release that goes from one commit to another. */
export const release = (name: string, ref = NEW, more: Partial<Told> = {}): Told => ({
  op: "update",
  type: RELEASE,
  name,
  old: { ref: OLD, hosts: [name] },
  new: { ref, hosts: [name] },
  diffs: ["ref"],
  ...more,
});

/** One release on so many sites over 64 cells. */
export function oneRelease(sites: number, odd: readonly Told[] = []): ChangeSet {
  const hosts = Array.from({ length: sites }, (_, i) => `site-${String(i).padStart(4, "0")}.qmoney.de`);
  const results = Array.from({ length: 64 }, (_, cell) => {
    const stack = `prod-cell-${String(cell).padStart(2, "0")}`;
    const mine = hosts.filter((_, i) => i % 64 === cell).map((host) => event(release(host, NEW, { stack })));
    return result(stack, [...mine, ...(cell === 0 ? odd.map((told) => event({ ...told, stack })) : [])]);
  });
  const channels = new Map(hosts.map((host) => [host, "stable"]));
  return buildChangeSet(run(...results), { createdAt: new Date(0), channels });
}
