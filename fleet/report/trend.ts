import { z } from "zod";
import { changeObject, type Store } from "../backend/store/store.ts";
import { listReported } from "./find.ts";
import { reportOf } from "./report.ts";
import { figuresSchema, type RunFigures } from "./shape.ts";

const KEY = "reports/figures.json";
/** Runs whose figures are kept: a year of daily ones. */
const KEEP = 400;
/** Runs that a report compares with. */
const SHOWN = 10;
/** Processes whose events are read for that: a run as 64 jobs has 64, and figures are kept beyond. */
const READ = 100;

/** What is kept; of a damaged object nothing. Pure. */
function parse(text: string | undefined): RunFigures[] {
  try {
    return z.array(figuresSchema).parse(JSON.parse(text ?? "[]"));
  } catch {
    return [];
  }
}

/** Keeps a run's figures for later trends, longer than its events are kept. @throws SitefleetError `store.unreachable` */
export const keepFigures = (store: Store, figures: RunFigures): Promise<void> =>
  changeObject(store, KEY, (text) => {
    const others = parse(text).filter(({ run }) => run !== figures.run);
    return { text: `${JSON.stringify(inOrder([...others, figures]).slice(-KEEP))}\n`, result: undefined };
  });

/**
 * Figures of the runs before a time: those that were kept, and those whose events still are. The oldest first, at most
 * {@link SHOWN}.
 *
 * @param before ISO 8601
 * @throws SitefleetError `store.unreachable`
 */
export async function trendBefore(store: Store, run: string, before: string): Promise<RunFigures[]> {
  const kept = parse((await store.get(KEY))?.text);
  const read = await listReported(store, SHOWN * 2, READ);
  const live = read.map((one) => reportOf(one.run, one.streams).figures);
  const all = [...live, ...kept.filter((one) => !live.some((other) => other.run === one.run))];
  return inOrder(all.filter((one) => one.run !== run && one.date < before)).slice(-SHOWN);
}

const inOrder = (figures: readonly RunFigures[]): RunFigures[] =>
  [...figures].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
