import { planRecords } from "../../components/dns/plan.ts";
import { recordsOfZone, type ZoneSpec } from "../../components/wildcard-zone/plan.ts";
import type { StackState } from "../../stacks/desired.ts";
import { dnsOf, HOSTING, SECRETS, typeFor } from "../../vendors/index.ts";
import type { WorkStep } from "./need.ts";

const create = (type: string, name: string): WorkStep => ({ op: "create", type, name });
const PROJECT = HOSTING.type("project");
const DOMAIN = HOSTING.type("site-domain");
const RELEASE = HOSTING.type("release");
/** The stack itself and its providers: the vendor's, and ours where a site has a release of its own. */
const BOOKKEEPING = 3;

/** Everything that a stack would create from nothing, as far as it costs calls. Pure. */
export function stepsFromNothing(state: StackState): WorkStep[] {
  switch (state.kind) {
    case "cell":
      return state.sites.flatMap(({ host, project }) =>
        project.kind === "own"
          ? [create(PROJECT, host), create(DOMAIN, host), create(RELEASE, host)]
          : [create(DOMAIN, host)],
      );
    case "plesk":
      return state.services
        .filter(({ zone }) => zone !== undefined)
        .map((service) => create(dnsOf(service).type("record"), service.host));
    case "shared":
      return [
        ...state.projects.flatMap(({ name, wildcardDomains = [] }) => [
          create(PROJECT, name),
          create(RELEASE, name),
          ...wildcardDomains.map((domain) => create(DOMAIN, domain)),
        ]),
        ...state.zones.flatMap(stepsOfZone),
        create(typeFor(SECRETS, "environment"), state.environment.environment),
        ...state.environment.secrets.map(({ name }) => create(typeFor(SECRETS, "secret"), name)),
      ];
  }
}

function stepsOfZone(zone: ZoneSpec): WorkStep[] {
  if (zone.mode === "skip") return [];
  const { type, settingNames } = dnsOf(zone);
  return [
    ...(zone.mode === "create" ? [create(type("zone"), zone.name)] : []),
    ...planRecords(recordsOfZone(zone)).map(({ name }) => create(type("record"), name)),
    ...(settingNames?.(zone.name, zone.cdn ?? {}) ?? []).map((name) => create(type("zone-setting"), name)),
  ];
}

/** What is known of a stack before it is opened. */
export interface KnownStack {
  /** Resources in its state, the stack itself and providers included; undefined = there is no such stack. */
  readonly resources?: number;
  /** What a preview found. Exact, and taken before anything else. */
  readonly steps?: readonly WorkStep[];
  /** It is there and differs from what is declared. @default false */
  readonly changed?: boolean;
}

/**
 * The steps to expect of a stack. With a preview these are its steps. Without one, a stack that is not there is expected whole.
 * Of an existing cell, the sites are expected that its state cannot hold yet: the last by name, since it is not known which. When
 * the cell is known to differ, a new release of every other site is expected too. Of other existing stacks nothing is. Pure.
 */
export function expectedSteps(state: StackState, known: KnownStack = {}): readonly WorkStep[] {
  if (known.steps !== undefined) return known.steps;
  const all = stepsFromNothing(state);
  if (known.resources === undefined) return all;
  if (state.kind !== "cell") return [];
  let room = known.resources - BOOKKEEPING;
  const missing = new Set<string>();
  for (const { host, project } of state.sites) {
    room -= project.kind === "own" ? 4 : 2;
    if (room < 0) missing.add(host);
  }
  return all.flatMap((step): WorkStep[] => {
    if (missing.has(step.name)) return [step];
    return known.changed && step.type === RELEASE ? [{ ...step, op: "update" }] : [];
  });
}

/** A new release of each of these sites that has a project of its own. Pure. */
export function redeploySteps(state: StackState, hosts: ReadonlySet<string>): WorkStep[] {
  return stepsFromNothing(state)
    .filter(({ name, type }) => type === RELEASE && hosts.has(name))
    .map((step) => ({ ...step, op: "update" }));
}
