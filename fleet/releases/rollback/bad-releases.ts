import { z } from "zod";
import { SitefleetError } from "../../../errors/index.ts";
import type { StackState } from "../../../stacks/desired.ts";
import { ownStore, stateStore } from "../../backend/store/state-store.ts";
import { changeObject, type LastSeen, type Store } from "../../backend/store/store.ts";
import { releasesOf } from "./target.ts";

const badSchema = z.object({
  repository: z.string(),
  /** 40 hex digits. */
  commit: z.string(),
  /** ISO 8601 */
  at: z.string(),
  /** Run that left it. */
  run: z.string().optional(),
  reason: z.string(),
});

/** A release that was rolled back and is not deployed again until a person clears it. */
export type BadRelease = z.infer<typeof badSchema>;

const FILE = "bad-releases.json";
const parse = (text: string | undefined): BadRelease[] =>
  text === undefined ? [] : z.array(badSchema).parse(JSON.parse(text));
const same = (a: Pick<BadRelease, "repository" | "commit">, b: typeof a) =>
  a.repository === b.repository && a.commit === b.commit;

/** What this process has last seen of them where machines share them: a change begins with that. */
const seen = new WeakMap<Store, LastSeen>();

/** The releases that were rolled back. @param dir state directory; with a shared store that one is read */
export async function badReleases(dir: string): Promise<BadRelease[]> {
  const shared = await stateStore();
  const object = await ownStore(dir, shared).get(FILE);
  if (shared) seen.set(shared, { object, absent: object === undefined });
  return parse(object?.text);
}

/** Remembers releases as bad; one that is known already keeps its first reason. */
export async function markBad(dir: string, releases: readonly BadRelease[]): Promise<void> {
  await change(dir, (known) => [...known, ...releases.filter((one) => !known.some((other) => same(one, other)))]);
}

/**
 * Forgets bad releases by the start of their commit; returns those.
 *
 * @param commit at least 7 hex digits; undefined = all
 */
export async function clearBad(dir: string, commit?: string): Promise<BadRelease[]> {
  const matches = (one: BadRelease) => commit === undefined || one.commit.startsWith(commit);
  return change(dir, (known) => known.filter((one) => !matches(one)));
}

/** Changes what is remembered; returns what is no more. */
async function change(dir: string, next: (known: BadRelease[]) => BadRelease[]): Promise<BadRelease[]> {
  const shared = await stateStore();
  const changed = (text: string | undefined) => {
    const known = parse(text);
    const left = next(known);
    return { text: `${JSON.stringify(left, undefined, 2)}\n`, result: known.filter((one) => !left.includes(one)) };
  };
  return changeObject(ownStore(dir, shared), FILE, changed, shared && seen.get(shared));
}

/** What a stack would put live that was rolled back: what is live already stays as it is. Pure. */
export function refusedReleases(
  desired: StackState,
  live: StackState | undefined,
  bad: readonly BadRelease[],
): { readonly name: string; readonly release: BadRelease }[] {
  const now = new Map((live ? releasesOf(live) : []).map(({ name, commit }) => [name, commit]));
  return releasesOf(desired).flatMap(({ name, repository, commit }) => {
    const release = bad.find((one) => same(one, { repository, commit }));
    return release === undefined || now.get(name) === commit ? [] : [{ name, release }];
  });
}

/** The refusal of a run. @param refused at least one */
export function badReleaseError(
  refused: readonly { readonly name: string; readonly release: BadRelease }[],
): SitefleetError {
  const names = Map.groupBy(refused, ({ release }) => release);
  return new SitefleetError({
    code: "release.bad",
    message: "the catalog asks for a release that was rolled back; nothing was changed",
    hint: "declare another release, or sitefleet release clear COMMIT when it is good after all",
    details: [...names].map(([{ commit, repository, reason, at }, list]) => {
      const shown = list.slice(0, 5).map(({ name }) => name);
      const more = list.length > shown.length ? ` and ${list.length - shown.length} more` : "";
      return `${commit.slice(0, 12)} of ${repository} (${reason}, ${at}): ${shown.join(", ")}${more}`;
    }),
  });
}
