import pLimit from "p-limit";
import { z } from "zod";
import type { HealthResult } from "../../checks/types.ts";
import { plainLine } from "../../errors/plain.ts";
import { ownStore } from "../backend/store/state-store.ts";
import { changeObject, type Store } from "../backend/store/store.ts";
import { KEPT_COUNTS_MS, type KeptResult } from "./kept.ts";

/** Folder of the objects: one a cell and one for services, each with the last verdict of its hosts. */
export const SHARED_CHECKS = "checks/";
/** Objects written at once. */
const AT_ONCE = 8;
/** Longest reason, characters: an object of 78 sites stays under 40 kB. */
const REASON = 300;
/** A verdict of a host that is not checked any more goes after so long, ms. */
const GONE_MS = 7 * 86_400_000;

const sharedSchema = z.object({
  at: z.number().describe("ms since 1970"),
  kind: z.enum(["site", "service"]),
  verdict: z.enum(["pass", "fail", "inconclusive"]),
  reason: z.string(),
  vantage: z.string().optional().describe("the first one that was answered"),
  ms: z.number().optional(),
  certificateUntil: z.number().optional(),
});
type Shared = z.infer<typeof sharedSchema>;
const fileSchema = z.object({ version: z.literal(1), checks: z.record(z.string(), sharedSchema) });

/** Is the verdict that came later to stand in place of the one before? One in doubt takes the place of none that still counts. Pure. */
export function replaces(
  later: { readonly at: number; readonly verdict: HealthResult["verdict"] },
  before: { readonly at: number; readonly verdict: HealthResult["verdict"] } | undefined,
): boolean {
  if (before === undefined) return true;
  if (later.at < before.at) return false;
  return !(
    later.verdict === "inconclusive" &&
    before.verdict !== "inconclusive" &&
    later.at - before.at <= KEPT_COUNTS_MS
  );
}

/**
 * Tells other machines what was last seen of each host: verdict and figures. The evidence stays where it was seen. A read and a write
 * for each cell with a checked site; two at once lose none.
 *
 * @param now ms since 1970
 * @throws SitefleetError `store.unreachable`, `store.busy`
 */
export async function shareVerdicts(store: Store, results: readonly HealthResult[], now = Date.now()): Promise<void> {
  const hosts = results.filter(({ kind }) => kind !== "deployment");
  const own = ownStore("", store);
  const limit = pLimit(AT_ONCE);
  const shards = [...Map.groupBy(hosts, ({ kind, cell }) => (kind === "site" ? `cell-${cell ?? "none"}` : "services"))];
  await Promise.all(
    shards.map(([shard, some]) =>
      limit(() =>
        changeObject(own, `${SHARED_CHECKS}${shard}.json`, (text) => {
          const checks = new Map(Object.entries(parse(text)).filter(([, { at }]) => now - at <= GONE_MS));
          for (const result of some) {
            const shared = sharedOf(result, now);
            if (replaces(shared, checks.get(result.id))) checks.set(result.id, shared);
          }
          const sorted = Object.fromEntries([...checks].sort(([a], [b]) => (a < b ? -1 : 1)));
          return { text: `${JSON.stringify({ version: 1, checks: sorted })}\n`, result: undefined };
        }),
      ),
    ),
  );
}

/** What other machines have seen, as one of these objects says. What another version has written says nothing. Pure. */
export function sharedResults(text: string | undefined): KeptResult[] {
  return Object.entries(parse(text)).map(([id, { at, kind, verdict, reason, vantage, ms, certificateUntil }]) => {
    const certificate =
      certificateUntil === undefined ? [] : [{ url: "", at: iso(at), certificate: { until: certificateUntil } }];
    const vantages =
      vantage === undefined
        ? []
        : [{ vantage, verdict, tries: 1, milliseconds: ms, findings: [], evidence: certificate }];
    return { at, result: { id, kind, host: id, url: "", verdict, reason, vantages } as unknown as HealthResult };
  });
}

const iso = (ms: number): string => new Date(ms).toISOString();

function sharedOf({ kind, verdict, reason, vantages }: HealthResult, now: number): Shared {
  const [one] = vantages.toSorted(
    (a, b) => Number(a.milliseconds === undefined) - Number(b.milliseconds === undefined),
  );
  const seen = vantages.flatMap(({ evidence }) => evidence);
  const times = seen.map(({ at }) => Date.parse(at)).filter(Number.isFinite);
  return {
    at: times.length === 0 ? now : Math.max(...times),
    kind: kind === "service" ? "service" : "site",
    verdict,
    reason: plainLine(reason, REASON),
    vantage: one?.vantage,
    ms: one?.milliseconds,
    certificateUntil: seen.map(({ certificate }) => certificate?.until).find((until) => until !== undefined),
  };
}

function parse(text: string | undefined): Record<string, Shared> {
  if (text === undefined) return {};
  try {
    return fileSchema.parse(JSON.parse(text)).checks;
  } catch {
    return {};
  }
}
