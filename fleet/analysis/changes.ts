import { planRecords } from "../../components/dns/plan.ts";
import { COMPONENT } from "../../components/tokens.ts";
import { recordsOfZone, type ZoneSpec } from "../../components/wildcard-zone/plan.ts";
import type { ServiceState, SharedState, SiteState, StackState } from "../../stacks/desired.ts";
import { canonicalJson } from "../../stacks/digest.ts";
import { type DeclaredState, difference, type PartChange, type StackChange } from "../../stacks/state.ts";
import { dnsOf, HOSTING, type Role, SECRETS, typeFor, VENDORS } from "../../vendors/index.ts";
import type { Change } from "../change-set/shape.ts";
import { declarationOf } from "./parts.ts";

/** A change that a preview would find, as far as the declarations tell it. */
export type EstateChange = Pick<Change, "stack" | "op" | "type" | "name" | "parent" | "component" | "diffs">;

type Step = Omit<EstateChange, "stack">;
type Op = "create" | "update" | "delete";

const PROJECT = HOSTING.type("project");
const DOMAIN = HOSTING.type("site-domain");
const RELEASE = HOSTING.type("release");
const SECRET = typeFor(SECRETS, "secret");
const anyFor = (role: Role) => VENDORS.map((vendor) => typeFor(vendor, role)).find((type) => type !== "") ?? "";
const SERVICE = anyFor("service");
const GENERATED = anyFor("generated");

const step = (op: string, type: string, name: string, parent?: string, paths: readonly string[] = []): Step => ({
  op,
  type,
  name,
  parent,
  diffs: paths.map((path) => ({ path, kind: "update" })),
});
const group = (op: string, type: string, name: string): Step => ({ op, type, name, component: true, diffs: [] });

/** The changes that a preview would find between two declarations, if what is live is as it was declared. Pure. */
export function expectedChanges({ stack, before, target }: StackChange): EstateChange[] {
  const steps = difference(before, target).flatMap((part) => ofPart(part, before, target));
  return [...new Map(steps.map((one) => [`${one.op} ${one.type} ${one.name}`, { stack, ...one }])).values()];
}

function ofPart(part: PartChange, before: DeclaredState, target: StackState): Step[] {
  const { name } = part;
  const [then, now] = [declarationOf(before ?? undefined, part), declarationOf(target, part)];
  switch (part.part) {
    case "site":
      return ofSite(name, then as SiteState | undefined, now as SiteState | undefined);
    case "project":
      return ofProject(name, then as Project | undefined, now as Project | undefined);
    case "zone":
      return ofZone(name, then as ZoneSpec | undefined, now as ZoneSpec | undefined);
    case "secret":
      return ofSecret(name, then as Secret | undefined, now as Secret | undefined);
    case "environment":
      return ofEnvironment(then as Environment | undefined, now as Environment | undefined);
    case "service":
      return ofService(name, then as ServiceState | undefined, now as ServiceState | undefined);
    case "host":
      return then && now && target.kind === "plesk"
        ? target.services.filter(({ server }) => server === name).map(({ key }) => step("update", SERVICE, key, key))
        : [];
  }
}

type Project = SharedState["projects"][number];
type Secret = SharedState["environment"]["secrets"][number];
type Environment = SharedState["environment"];

const opOf = (then: unknown, now: unknown): Op =>
  then === undefined ? "create" : now === undefined ? "delete" : "update";
const differs = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) !== canonicalJson(b ?? null);

function ofSite(host: string, then: SiteState | undefined, now: SiteState | undefined): Step[] {
  const parts = (site: SiteState): string[] =>
    site.project.kind === "own" ? [PROJECT, DOMAIN, ...(site.commit === undefined ? [] : [RELEASE])] : [DOMAIN];
  if (then === undefined || now === undefined) {
    const op = opOf(then, now);
    return [
      group(op, COMPONENT.site, host),
      ...parts((now ?? then) as SiteState).map((type) => step(op, type, host, host)),
    ];
  }
  const [was, is] = [parts(then), parts(now)];
  const moved = then.project.kind !== now.project.kind || then.project.name !== now.project.name;
  if (moved)
    return [
      ...was.filter((type) => type !== DOMAIN).map((type) => step("delete", type, host, host)),
      ...is.filter((type) => type !== DOMAIN).map((type) => step("create", type, host, host)),
      step("replace", DOMAIN, host, host, ["projectId"]),
    ];
  return [
    ...(differs(then.project, now.project) ? [step("update", PROJECT, host, host)] : []),
    ...ofRelease(then, now, host, host),
  ];
}

/** A release: another commit is built, another check is only noted. */
function ofRelease(
  then: { readonly commit?: string; readonly check?: unknown; readonly release?: unknown },
  now: typeof then,
  name: string,
  parent?: string,
): Step[] {
  const checked = differs([then.check, then.release], [now.check, now.release]);
  if (then.commit === now.commit)
    return checked && now.commit ? [step("update", RELEASE, name, parent, ["check"])] : [];
  if (then.commit === undefined) return [step("create", RELEASE, name, parent)];
  // Without a commit what is live stays.
  return now.commit === undefined ? [] : [step("update", RELEASE, name, parent, ["ref"])];
}

function ofProject(name: string, then: Project | undefined, now: Project | undefined): Step[] {
  const domains = (project: Project | undefined) => project?.wildcardDomains ?? [];
  const moved = [
    ...domains(now)
      .filter((one) => !domains(then).includes(one))
      .map((one) => step("create", DOMAIN, one, name)),
    ...domains(then)
      .filter((one) => !domains(now).includes(one))
      .map((one) => step("delete", DOMAIN, one, name)),
  ];
  if (then === undefined || now === undefined) {
    const op = opOf(then, now);
    const release = (now ?? then)?.commit === undefined ? [] : [step(op, RELEASE, name, name)];
    return [group(op, COMPONENT.sharedProject, name), step(op, PROJECT, name, name), ...release, ...moved];
  }
  const own = ({ commit: _, release: __, wildcardDomains: ___, ...rest }: Project) => rest;
  return [
    ...(differs(own(then), own(now)) ? [step("update", PROJECT, name, name)] : []),
    ...ofRelease(then, now, name, name),
    ...moved,
  ];
}

function ofZone(name: string, then: ZoneSpec | undefined, now: ZoneSpec | undefined): Step[] {
  const op = opOf(then, now);
  const whole = op === "update" ? [] : [group(op, COMPONENT.zone, name)];
  const [was, is] = [zoneParts(then), zoneParts(now)];
  return [
    ...whole,
    ...[...is].filter(([key]) => !was.has(key)).map(([, { type, name: own }]) => step("create", type, own, name)),
    ...[...was].filter(([key]) => !is.has(key)).map(([, { type, name: own }]) => step("delete", type, own, name)),
    ...[...is]
      .filter(([key, { value }]) => was.has(key) && differs(was.get(key)?.value, value))
      .map(([, { type, name: own }]) => step("update", type, own, name, ["content"])),
  ];
}

interface ZonePart {
  readonly type: string;
  readonly name: string;
  readonly value: unknown;
}

function zoneParts(zone: ZoneSpec | undefined): Map<string, ZonePart> {
  if (zone === undefined || zone.mode === "skip") return new Map();
  const { type, settingNames } = dnsOf(zone);
  const parts: ZonePart[] = [
    ...(zone.mode === "create" ? [{ type: type("zone"), name: zone.name, value: zone.kind }] : []),
    ...planRecords(recordsOfZone(zone)).map(({ name, record }) => ({ type: type("record"), name, value: record })),
    ...(settingNames?.(zone.name, zone.cdn ?? {}) ?? []).map((name) => ({
      type: type("zone-setting"),
      name,
      value: zone.cdn,
    })),
  ];
  return new Map(parts.map((part) => [`${part.type} ${part.name}`, part]));
}

function ofSecret(name: string, then: Secret | undefined, now: Secret | undefined): Step[] {
  const made = ({ source }: Secret) => source === "generated";
  const gone = then !== undefined && made(then) && !(now !== undefined && made(now));
  const other = then !== undefined && now !== undefined && made(then) && made(now);
  return [
    step(opOf(then, now), SECRET, name),
    ...(gone ? [step("delete", GENERATED, name)] : []),
    ...(other ? [step("replace", GENERATED, name)] : []),
    ...(now !== undefined && made(now) && (then === undefined || !made(then)) ? [step("create", GENERATED, name)] : []),
  ];
}

function ofEnvironment(then: Environment | undefined, now: Environment | undefined): Step[] {
  const type = typeFor(SECRETS, "environment");
  const name = ({ repository, environment }: Environment) => `${repository}/${environment}`;
  if (then && now && name(then) === name(now) && then.owner === now.owner) return [];
  return [
    ...(then ? [step("delete", type, name(then))] : []),
    ...(now ? [group("create", COMPONENT.environment, name(now)), step("create", type, name(now))] : []),
  ];
}

function ofService(key: string, then: ServiceState | undefined, now: ServiceState | undefined): Step[] {
  const op = opOf(then, now);
  const whole = op === "update" ? [] : [group(op, COMPONENT.service, key)];
  const record = (service: ServiceState | undefined) =>
    service?.zone !== undefined && [service.origin, service.host, service.proxied];
  const one = now ?? then;
  const named = one?.zone === undefined ? [] : [step(op, dnsOf(one).type("record"), one.host, key)];
  const { proxied: _, origin: __, ...was } = then ?? ({} as ServiceState);
  const { proxied: ___, origin: ____, ...is } = now ?? ({} as ServiceState);
  return [
    ...whole,
    ...(op !== "update" || differs(was, is) ? [step(op, SERVICE, key, key)] : []),
    ...(op !== "update" || differs(record(then), record(now)) ? named : []),
  ];
}
