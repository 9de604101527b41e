import { createHash } from "node:crypto";
import { z } from "zod";
import { type QualityResult, resultSchema, type Subject } from "../../quality/index.ts";
import { changeObject, type Store } from "../backend/store/store.ts";

const FOLDER = "quality/";
/** Results of one check that are kept: of its last artifacts. */
const KEEP = 10;
/** Points of a trend: a year of daily ones. */
const KEEP_POINTS = 400;

const keptSchema = z.object({ version: z.literal(1), results: z.array(resultSchema) });
const pointSchema = z.object({ at: z.string(), values: z.record(z.string(), z.number()) });
/** Figures of one measurement. */
export type TrendPoint = z.infer<typeof pointSchema>;

const keyOf = (folder: string, { kind, key }: Subject): string =>
  `${FOLDER}${folder}/${kind}/${key.toLowerCase()}.json`;

/** What is kept; of a damaged object nothing: what is not known is not green. Pure. */
function parse(text: string | undefined): QualityResult[] {
  try {
    return keptSchema.parse(JSON.parse(text ?? "")).results;
  } catch {
    return [];
  }
}

/** Results of a subject, the oldest first. @throws SitefleetError `store.unreachable` */
export const readResults = async (store: Store, subject: Subject): Promise<QualityResult[]> =>
  parse((await store.get(keyOf("results", subject)))?.text);

/** Keeps a result, and its figures for the trend. @throws SitefleetError `store.unreachable`, `store.busy` */
export async function keepResult(store: Store, result: QualityResult): Promise<void> {
  await changeObject(store, keyOf("results", result.subject), (text) => {
    const all = [...parse(text), result];
    const kept = [...Map.groupBy(all, ({ check }) => check).values()].flatMap((of) => of.slice(-KEEP));
    return { text: `${JSON.stringify({ version: 1, results: kept })}\n`, result: undefined };
  });
  if (result.check !== "lighthouse" || result.state === "not-run") return;
  const values = Object.fromEntries(result.measures.map(({ name, value }) => [name, value]));
  await changeObject(store, keyOf("trend", result.subject), (text) => {
    const points = [...parseTrend(text), { at: result.at, values }].slice(-KEEP_POINTS);
    return { text: `${JSON.stringify(points)}\n`, result: undefined };
  });
}

function parseTrend(text: string | undefined): TrendPoint[] {
  try {
    return z.array(pointSchema).parse(JSON.parse(text ?? ""));
  } catch {
    return [];
  }
}

/** Figures of Lighthouse of a subject over time, the oldest first. @throws SitefleetError `store.unreachable` */
export const readTrend = async (store: Store, subject: Subject): Promise<TrendPoint[]> =>
  parseTrend((await store.get(keyOf("trend", subject)))?.text);

/**
 * The sites that were looked at longest ago, so that all of them have their turn, those too that could not be measured; of those that
 * never were, in an order that no name decides.
 *
 * @throws SitefleetError `store.unreachable`
 */
export async function unmeasuredLongest(store: Store, hosts: readonly string[], count: number): Promise<string[]> {
  const listed = await store.list(`${FOLDER}results/site/`);
  const at = new Map(
    listed.map(({ key, modifiedAt }) => [
      key
        .split("/")
        .at(-1)
        ?.replace(/\.json$/, ""),
      modifiedAt,
    ]),
  );
  const order = (host: string) => createHash("sha256").update(host).digest("hex");
  return hosts
    .map((host) => ({ host, at: at.get(host.toLowerCase()) ?? 0, order: order(host) }))
    .sort((a, b) => a.at - b.at || (a.order < b.order ? -1 : 1))
    .slice(0, count)
    .map(({ host }) => host);
}
