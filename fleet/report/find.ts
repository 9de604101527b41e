import pLimit from "p-limit";
import { SitefleetError } from "../../errors/index.ts";
import type { Store } from "../backend/store/store.ts";
import { listStreams, readStream } from "../events/stream.ts";
import type { RunStream } from "./report.ts";

/** Streams read at once. */
const AT_ONCE = 8;

/** A run with all processes that belong to it. */
export interface FoundRun {
  readonly run: string;
  readonly streams: readonly RunStream[];
}

/** What the jobs of a stream belong to, as its id says; else the stream itself. Pure. */
const groupOf = (stream: string): string => stream.split(".")[1] ?? stream;

/**
 * Finds a run by the id of its events, of its journal or of its rollout, or by what its jobs have in common.
 *
 * @param wanted @default the last run
 * @throws SitefleetError `report.none`, `run.unknown`, `store.unreachable`
 */
export async function findRun(store: Store, wanted?: string): Promise<FoundRun> {
  const all = await listStreams(store);
  const run = wanted ?? (await newest(store, all));
  if (run === undefined)
    throw new SitefleetError({
      code: "report.none",
      message: "no run has kept anything yet",
      hint: "up, rollout, rollback and plesk deploy do; look at the backend that they used",
    });
  const named = await inGroup(store, all, run);
  const found = named.streams.length > 0 ? named : await byContent(store, all, run);
  const name = nameOf(found);
  const whole = name === found.run ? found : await byContent(store, all, name);
  if (whole.streams.length > 0) return whole;
  throw new SitefleetError({
    code: "run.unknown",
    message: "no kept run has this id",
    subject: run,
    hint: "sitefleet report --list shows those that are kept",
  });
}

const rolloutOf = ({ entries }: RunStream): string | undefined =>
  entries.findLast((entry) => entry.event === "ended")?.rollout;

/** The last run that has kept something: a process that was killed may leave an empty stream. */
async function newest(store: Store, all: readonly string[]): Promise<string | undefined> {
  for (const stream of all) if ((await readStream(store, stream)).length > 0) return groupOf(stream);
  return undefined;
}

async function inGroup(store: Store, all: readonly string[], run: string): Promise<FoundRun> {
  const group = all.includes(run) ? groupOf(run) : run;
  const streams = await readAll(
    store,
    all.filter((stream) => groupOf(stream) === group),
  );
  return { run: group, streams: streams.sort((a, b) => (a.stream < b.stream ? -1 : 1)) };
}

/** The newest runs, each with its processes, the newest first. @param most runs @param streams at most so many of their processes */
export async function listReported(store: Store, most: number, streams: number): Promise<FoundRun[]> {
  let left = streams;
  const groups = [...Map.groupBy(await listStreams(store), groupOf)].slice(0, most).filter(([, own]) => {
    left -= own.length;
    return left >= 0;
  });
  const all = await readAll(
    store,
    groups.flatMap(([, own]) => own),
  );
  return groupStreams(all);
}

/** Processes that have been read, as the runs that they belong to. Pure. @param all the newest first */
export function groupStreams(all: readonly RunStream[]): FoundRun[] {
  const read = [...Map.groupBy(all, ({ stream }) => groupOf(stream))].map(([run, streams]) => ({ run, streams }));
  const kept = read.filter(({ streams }) => streams.some(({ entries }) => entries.length > 0));
  const named = Map.groupBy(kept, nameOf);
  return [...named].map(([run, found]) => ({ run, streams: found.flatMap(({ streams }) => streams).toReversed() }));
}

/** What a run is called, whatever it was asked for by: its processes that go on with one rollout are one run. Pure. */
function nameOf({ run, streams }: FoundRun): string {
  const [one, ...more] = streams;
  return one === undefined || more.length > 0 || one.stream !== run ? run : (rolloutOf(one) ?? run);
}

async function readAll(store: Store, streams: readonly string[]): Promise<RunStream[]> {
  const limit = pLimit(AT_ONCE);
  const read = streams.map((stream) => limit(async () => ({ stream, entries: await readStream(store, stream) })));
  return (await Promise.all(read)).filter(({ entries }) => entries.length > 0);
}

/** Looks into what was kept, the newest first. A rollout may have several processes, and none of them began after what they carry out. */
async function byContent(store: Store, all: readonly string[], run: string): Promise<FoundRun> {
  const found: RunStream[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const some = all.slice(at, at + AT_ONCE);
    found.push(...(await readAll(store, some)).filter(({ entries }) => entries.some((entry) => holds(entry, run))));
    if (found.length > 0 && (some.at(-1) ?? "") < run) break;
  }
  const [first] = found;
  if (first === undefined || rolloutOf(first) === run) return { run, streams: found.toReversed() };
  return inGroup(store, all, first.stream);
}

const holds = (entry: RunStream["entries"][number], run: string): boolean =>
  (entry.event === "ended" && (entry.run === run || entry.rollout === run)) ||
  (entry.event === "approved" && entry.run === run);
