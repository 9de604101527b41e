import { z } from "zod";
import { SitefleetError } from "../errors/index.ts";
import { readResults, readTrend, type TrendPoint } from "../fleet/quality/index.ts";
import { type QualityResult, resultSchema } from "../quality/index.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { keptIn } from "./notify/declared.ts";
import { declaredQuality } from "./quality/choose.ts";

/** What is kept of a subject. */
export interface ShownQuality {
  /** The newest result of each check. */
  readonly results: readonly QualityResult[];
  /** Of Lighthouse, the oldest first. */
  readonly trend: readonly TrendPoint[];
}

/** Points of the trend in a document. */
const POINTS = 60;

/** What was found of one service, repository or site. */
export const qualityShow = defineOperation({
  name: "quality show",
  summary: "show what the checks of a service, repository or site found, and the trend of its figures",
  changes: false,
  input: z.object({ what: flag(z.string(), "<what>", "key of a service or repository, or host of a site") }),
  events: noEvents,
  output: z.object({
    results: z.array(resultSchema).describe("the newest of each check"),
    trend: z
      .array(z.object({ at: z.string(), values: z.record(z.string(), z.number()) }))
      .describe("figures of Lighthouse, the oldest first"),
  }),
  async run({ what }, { estate }): Promise<ShownQuality> {
    const { catalog, quality } = declaredQuality(estate.catalogDir);
    const subjects = [
      ...quality.repositories
        .filter(({ key }) => key === what)
        .map(({ key }) => ({ kind: "repository" as const, key })),
      ...catalog.services.filter(({ key }) => key === what).map(({ key }) => ({ kind: "service" as const, key })),
      ...catalog.sites.filter(({ host }) => host === what).map(({ host }) => ({ kind: "site" as const, key: host })),
    ];
    if (subjects.length === 0)
      throw new SitefleetError({
        code: "usage",
        message: "there is no such service, repository or site",
        subject: what,
        hint: "sitefleet quality status lists what is checked",
      });
    const store = await keptIn();
    const all = (await Promise.all(subjects.map((subject) => readResults(store, subject)))).flat();
    const newest = new Map(all.map((one) => [`${one.subject.kind} ${one.check}`, one]));
    const trend = (await Promise.all(subjects.map((subject) => readTrend(store, subject)))).flat();
    return { results: [...newest.values()], trend: trend.slice(-POINTS) };
  },
  document: ({ results, trend }) => ({ results: [...results], trend: [...trend] }),
});
