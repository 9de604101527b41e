import type { CheckSettings } from "../check/types.ts";
import type { CheckCall, Properties, Props } from "../framework/index.ts";
import { boolean, hasUnknown, integer, isUnknown, list, map, number, object, set, string } from "../framework/index.ts";
import type { Repository } from "../vercel/shapes.ts";
import { type Deadlines, type Goal, type Source, settingsId } from "./goal.ts";

/** Time a build may wait, run, be checked and be promoted, in seconds. The promotion's is that of Vercel's own command. */
const DEADLINES = { queueSeconds: 3600, buildSeconds: 900, checkSeconds: 60, promotionSeconds: 180 };
/** Times of checks that the state keeps. */
export const CHECK_TIMES = 10;
/** What a check does when a release does not say. Its own address has neither redirects of the host's nor http. */
const CHECK: CheckSettings["check"] = {
  path: "/",
  statuses: Array.from({ length: 200 }, (_, index) => 200 + index),
  marker: null,
  redirect: null,
  https: false,
  timeoutSeconds: 10,
  tries: 3,
  release: { header: null, meta: null, path: null, required: false },
  // Vercel's own certificate for *.vercel.app: that it is valid is enough.
  tls: { verify: true, days: 0 },
  slow: { percent: 30, floorMs: 100, samples: CHECK_TIMES, least: 5, fails: false },
};

const COMMIT = /^[0-9a-f]{40}$/;
const FILE = /^\d+~[0-9a-f]{40}$/;

const commit = (value: unknown) =>
  isUnknown(value) || COMMIT.test(String(value))
    ? undefined
    : "must be a commit, 40 hex digits in lower case: a branch does not say what is live";
const path = (value: unknown) =>
  isUnknown(value) || String(value).startsWith("/") ? undefined : "must start with a slash";
const positive = (value: unknown) => (isUnknown(value) || Number(value) > 0 ? undefined : "must be more than 0");
const seconds = () => number({ validate: positive });

/** The properties of a release. What each means is said once, in `provider/sdk/release.ts`. */
export const releaseProperties: Properties = {
  projectId: string({ required: true, replaces: true }),
  teamId: string({ replaces: true }),
  ref: string({ validate: commit }),
  repository: object({
    type: string({ required: true, allowed: ["github", "bitbucket"] }),
    repo: string({ required: true }),
  }),
  files: map(string()),
  filesRoot: string(),
  buildKey: string(),
  buildSettings: map(string(), { absentIsEqual: true }),
  hosts: set(string()),
  check: object({
    path: string({ validate: path }),
    statuses: list(integer()),
    marker: string(),
    tries: integer({ validate: positive }),
    timeoutSeconds: seconds(),
    release: object({ header: string(), meta: string(), path: string({ validate: path }), required: boolean() }),
    verifyTls: boolean(),
    slow: object({
      percent: number({ validate: positive }),
      floorMs: number(),
      least: integer({ validate: positive }),
      fails: boolean(),
    }),
    inconclusive: string({ allowed: ["fail", "promote"] }),
  }),
  deadlines: object({
    queueSeconds: seconds(),
    buildSeconds: seconds(),
    checkSeconds: seconds(),
    promotionSeconds: seconds(),
  }),
  deploymentId: string({ output: true, volatile: true }),
  url: string({ output: true, volatile: true }),
  readyState: string({ output: true, volatile: true }),
  sha: string({ output: true, volatile: true }),
  promotedAt: string({ output: true, volatile: true }),
  previousDeploymentId: string({ output: true, volatile: true }),
  buildSeconds: number({ output: true, volatile: true }),
  checkMs: list(number(), { output: true, volatile: true }),
  warning: string({ output: true, volatile: true }),
  rolledBack: string({ output: true, volatile: true }),
  pending: object(
    {
      code: string(),
      message: string(),
      deploymentId: string(),
      url: string(),
      readyState: string(),
      sha: string(),
      evidence: list(string()),
    },
    { output: true, volatile: true },
  ),
};

/** Changes of these alone neither build nor move anything. */
export const SETTINGS_ONLY: ReadonlySet<string> = new Set(["check", "deadlines"]);

/** Rules between properties. */
export function checkRelease({ inputs, fail }: Pick<CheckCall, "inputs" | "fail">): void {
  const { ref, files, filesRoot } = inputs;
  if ((ref === undefined) === (files === undefined)) fail("ref", "exactly one of `ref` and `files` must be given");
  if (files !== undefined && filesRoot === undefined) fail("filesRoot", "must be given with `files`");
  if (files !== undefined && !hasUnknown(files)) {
    const wrong = Object.entries(files as Props).find(([, value]) => !FILE.test(String(value)));
    if (wrong) fail(`files[${JSON.stringify(wrong[0])}]`, "must be `size~sha1`");
    if (Object.keys(files as Props).length === 0) fail("files", "must hold at least one file");
  }
  const repo = (inputs.repository as Props | undefined)?.repo;
  if (typeof repo === "string" && !isUnknown(repo) && repo.split("/").filter(Boolean).length !== 2) {
    fail("repository.repo", "must be `owner/name`");
  }
}

/** What the inputs ask for; all are known by now. Pure. */
export function goalOf(inputs: Props): Goal {
  return {
    projectId: String(inputs.projectId),
    source: sourceOf(inputs),
    buildKey: inputs.buildKey as string | undefined,
    settings: settingsId(inputs.buildSettings as Readonly<Record<string, string>> | undefined),
    hosts: (inputs.hosts as string[] | undefined) ?? [],
    check: inputs.check === undefined ? undefined : checkOf(inputs.check as Props),
    deadlines: deadlinesOf((inputs.deadlines as Props | undefined) ?? {}),
  };
}

function sourceOf({ ref, files, filesRoot, repository }: Props): Source {
  if (typeof ref === "string") {
    return { kind: "git", sha: ref, repository: repositoryOf(repository as Props | undefined) };
  }
  const entries = Object.entries((files as Record<string, string> | undefined) ?? {});
  return {
    kind: "files",
    root: String(filesRoot ?? "."),
    files: entries.map(([file, value]) => {
      const [size = "0", sha = ""] = value.split("~");
      return { file, sha, size: Number(size) };
    }),
  };
}

function repositoryOf(given: Props | undefined): Repository | undefined {
  if (given === undefined) return undefined;
  const [owner = "", name = ""] = String(given.repo).split("/");
  if (given.type === "bitbucket") return { type: "bitbucket", owner, slug: name };
  return { type: "github", org: owner, repo: name };
}

function checkOf({ inconclusive, statuses, verifyTls, release, slow, ...given }: Props): CheckSettings {
  const some = statuses as number[] | undefined;
  const check = {
    ...CHECK,
    ...(given as Partial<CheckSettings["check"]>),
    ...(some && some.length > 0 ? { statuses: some } : {}),
    release: { ...CHECK.release, ...(release as Props | undefined) },
    slow: { ...CHECK.slow, ...(slow as Props | undefined) },
    tls: { ...CHECK.tls, ...(verifyTls === false ? { verify: false } : {}) },
  };
  return { check, inconclusive: inconclusive === "promote" ? "promote" : "fail" };
}

function deadlinesOf(given: Props): Deadlines {
  const ms = (key: keyof typeof DEADLINES): number => 1000 * ((given[key] as number | undefined) ?? DEADLINES[key]);
  return {
    queueMs: ms("queueSeconds"),
    buildMs: ms("buildSeconds"),
    checkMs: ms("checkSeconds"),
    promotionMs: ms("promotionSeconds"),
  };
}
