import { SitefleetError } from "../../../errors/index.ts";
import { type Catalog, stackOf } from "../../../model/index.ts";
import { desiredState } from "../../../stacks/desired.ts";
import { SHARED_STACK } from "../../../stacks/names.ts";
import { HOSTING } from "../../../vendors/index.ts";
import type { ChangeSet } from "../../change-set/index.ts";
import { withCounts } from "../../engine/read-stacks.ts";
import type { Session } from "../../run/session.ts";
import { type KnownStack, redeploySteps, type WorkStep } from "../index.ts";
import { affectedByPush } from "./affected.ts";

/** What is going to be done, from wherever it is known. */
export interface Work {
  readonly stacks: readonly string[];
  readonly known: ReadonlyMap<string, KnownStack>;
  /** Sites that it touches. */
  readonly hosts: readonly string[];
  /** Changes to what is live. */
  readonly live: number;
  /** What a reader must know about it. */
  readonly notes: readonly string[];
}

/** Exactly what a preview found. Pure. */
export function workOfChanges(
  catalog: Pick<Catalog, "sites">,
  changes: readonly Pick<ChangeSet["changes"][number], "stack" | "op" | "type" | "name" | "component">[],
): Work {
  const own = new Set(catalog.sites.map(({ host }) => host));
  const real = changes.filter(({ component }) => !component);
  const steps = Map.groupBy(real, ({ stack }) => stack);
  const known = new Map([...steps].map(([stack, list]): [string, KnownStack] => [stack, { steps: list }]));
  const live = real.filter(({ op }) => op !== "create").length;
  const hosts = [...new Set(changes.map(({ name }) => name))].filter((name) => own.has(name));
  return { stacks: [...known.keys()], known, hosts, live, notes: [] };
}

/**
 * What the digests say: stacks that are not there in full, those that differ with a new release of every site.
 *
 * @throws SitefleetError `store.unreachable`
 */
export async function workOfDigests(session: Pick<Session, "inputs" | "open" | "infos">): Promise<Work> {
  const { catalog } = session.inputs;
  const infos = await withCounts(session.infos, session.open);
  const known = new Map<string, KnownStack>();
  const hosts: string[] = [];
  let live = 0;
  for (const stack of session.open) {
    const resources = infos.get(stack)?.resources;
    known.set(stack, resources === undefined ? {} : { resources, changed: true });
    if (resources !== undefined) live += 1;
    const state = desiredState(catalog, stack);
    if (state?.kind === "cell") hosts.push(...state.sites.map(({ host }) => host));
  }
  const notes =
    live === 0
      ? []
      : [`${live} existing stacks differ: every site of them is counted as a new release; --change-set is exact`];
  return { stacks: session.open, known, hosts, live, notes };
}

/** What a git push deploys. @param files paths that it changed, from the repository's root. Pure. */
export function workOfPush(catalog: Catalog, repository: string, files: readonly string[]): Work {
  const { hosts, shared } = affectedByPush(catalog.sites, { repository, files });
  const touched = new Set(hosts);
  const known = new Map<string, KnownStack>();
  for (const stack of stacksOfHosts(catalog, hosts)) {
    const state = desiredState(catalog, stack);
    const steps: WorkStep[] = state === undefined ? [] : redeploySteps(state, touched);
    if (steps.length > 0) known.set(stack, { steps });
  }
  // Sites of a shared project are deployed once, with the project, by the shared stack.
  const projects = new Set(
    catalog.sites
      .filter((site) => site.project === "shared" && touched.has(site.host))
      .map(({ rootDirectory }) => rootDirectory),
  );
  const shares = [...projects].map((name): WorkStep => ({ op: "update", type: HOSTING.type("release"), name }));
  if (shares.length > 0) known.set(SHARED_STACK, { steps: shares });
  const notes =
    shared.length > 0
      ? [`${shared.length} changed files lie in no site's directory: every site of ${repository} is counted`]
      : [];
  return { stacks: [...known.keys()], known, hosts, live: hosts.length, notes };
}

/** The stacks of these sites. @throws SitefleetError `site.unknown` */
export function stacksOfHosts(catalog: Catalog, hosts: readonly string[]): Set<string> {
  return new Set(
    hosts.map((host) => {
      const site = catalog.sites.find((one) => one.host === host);
      if (site) return stackOf(site);
      throw new SitefleetError({
        code: "site.unknown",
        message: "the catalog has no such site",
        subject: host,
        hint: "sitefleet cells lists the sites",
      });
    }),
  );
}
