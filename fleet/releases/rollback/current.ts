import type { SharedProjectSpec } from "../../../components/shared-project/plan.ts";
import { COMPONENT } from "../../../components/tokens.ts";
import { environment } from "../../../environment/index.ts";
import { nameOfUrn } from "../../../provider/framework/urn.ts";
import type { SiteState, StackState } from "../../../stacks/desired.ts";
import { cellOfSites } from "../../../stacks/state.ts";
import { HOSTING, roleOf } from "../../../vendors/index.ts";
import type { Checkpoint, StateResource } from "../../backend/states/checkpoint.ts";
import { firstWhole, readState, type StackVersion } from "../../backend/states/versions.ts";

/** What a stack is now: its last whole version, or the state that a failed or interrupted update has left. */
export interface Current {
  readonly state: StackState;
  /** The last version that is known whole. */
  readonly whole: number;
  /** Names of what has changed since then: sites, projects, zones, secrets, services. Empty: it is what it was. */
  readonly moved: ReadonlySet<string>;
  /** Its resources now. */
  readonly resources: readonly StateResource[];
}

/**
 * What a stack is now, from its state and not from what was declared. After an update that failed half way the
 * state has releases that no version names. Undefined when no version is known whole.
 *
 * @param versions the newest first
 * @throws SitefleetError `rollback.history`, `store.unreachable`
 */
export async function currentOf(
  stack: string,
  versions: readonly StackVersion[],
  env: NodeJS.ProcessEnv = environment(),
): Promise<Current | undefined> {
  const newest = await firstWhole(versions);
  if (newest === undefined) return undefined;
  const then = await versions.find(({ version }) => version === newest.version)?.resources();
  const now = await readState(stack, env);
  const moved = movedSince(then ?? [], now);
  // Nothing has moved: what was declared then says more than what can be read off the resources.
  const state = moved.size === 0 ? newest.desired : stateNow(newest.desired, now.resources);
  return { state, whole: newest.version, moved, resources: now.resources };
}

/**
 * Names of resources that came, went, changed or were being worked on since a version. The engine notes when it changed a
 * resource; the stack itself and providers are no matter of going back. Pure.
 */
export function movedSince(then: readonly StateResource[], now: Checkpoint): Set<string> {
  const before = new Map(counted(then).map((one) => [keyOf(one), one]));
  const after = new Map(counted(now.resources).map((one) => [keyOf(one), one]));
  const moved = new Set(now.pending.map(({ urn }) => nameOfUrn(urn)));
  for (const [key, { urn, modified }] of after)
    if (before.get(key)?.modified !== modified || !before.has(key)) moved.add(nameOfUrn(urn));
  for (const [key, { urn }] of before) if (!after.has(key)) moved.add(nameOfUrn(urn));
  return moved;
}

const keyOf = ({ urn, id, delete: old }: StateResource) => `${urn} ${id ?? ""} ${old ?? false}`;
const counted = (resources: readonly StateResource[]) =>
  resources.filter(({ type }) => type !== "pulumi:pulumi:Stack" && !type.startsWith("pulumi:providers:"));

/** The declaration that fits the resources best: what is there, with the releases that are live. Pure. */
export function stateNow(declared: StackState, resources: readonly StateResource[]): StackState {
  const commits = new Map(
    resources.flatMap((one) => {
      const commit = roleOf(one.type) === "release" && !one.delete ? textOf(one.outputs, "ref") : undefined;
      return commit === undefined ? [] : [[nameOfUrn(one.urn), commit] as const];
    }),
  );
  if (declared.kind === "shared") {
    const projects = declared.projects.map(
      (project): SharedProjectSpec => ({ ...project, commit: commits.get(project.name) ?? project.commit }),
    );
    return { ...declared, projects };
  }
  if (declared.kind !== "cell") return declared;
  const hosts = new Set(resources.flatMap(({ type, urn }) => (type === COMPONENT.site ? [nameOfUrn(urn)] : [])));
  const kept = declared.sites.filter(({ host }) => hosts.has(host));
  const known = new Set(kept.map(({ host }) => host));
  const added = [...hosts].filter((host) => !known.has(host)).map((host) => siteFrom(host, resources));
  const sites = [...kept, ...added].map((site): SiteState => {
    const commit = commits.get(site.host);
    return commit === undefined || site.project.kind !== "own" ? site : { ...site, commit };
  });
  return cellOfSites(sites);
}

/** A site that no declaration knows, as far as its project says what it is. */
function siteFrom(host: string, resources: readonly StateResource[]): SiteState {
  const project = resources.find(({ type, urn }) => roleOf(type) === "project" && nameOfUrn(urn) === host);
  if (project === undefined) return { host, project: { kind: "shared", name: "" } };
  return { host, project: { kind: "own", ...HOSTING.projectOf(project.inputs as Fields | undefined) } };
}

type Fields = Readonly<Record<string, unknown>>;

function textOf(value: unknown, field: string): string | undefined {
  const found = (value as Fields | undefined | null)?.[field];
  return typeof found === "string" ? found : undefined;
}
