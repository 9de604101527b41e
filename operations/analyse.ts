import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import {
  analyse as analysePush,
  type Compared,
  comparePush,
  compareSource,
  historyOf,
  readPush,
  tellAnalysis,
} from "../fleet/analysis/index.ts";
import { listRuns } from "../fleet/backend/journal/journal.ts";
import { stateDir } from "../fleet/backend/store/state-dir.ts";
import { stateStore } from "../fleet/backend/store/state-store.ts";
import { readLedger } from "../fleet/budget/index.ts";
import { badReleases, refusedReleases } from "../fleet/releases/rollback/index.ts";
import { type RolloutRecord, rolloutFiles } from "../fleet/releases/rollout/index.ts";
import { type Catalog, loadCatalog } from "../model/index.ts";
import { dnsVendors } from "../vendors/index.ts";
import { type Analysed, analysisDocument, analysisOf } from "./analyse/document.ts";
import { modelOf, reworded } from "./analyse/model.ts";
import { costFigure } from "./fleet/gate-cost.ts";
import type { Estate } from "./kit/estate.ts";
import { noEvents } from "./kit/events.ts";
import { DEFAULT_CONCURRENCY } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { collectHosts } from "./kit/host.ts";
import { defineOperation } from "./kit/operation.ts";
import { pathsIn } from "./plan.ts";

/** Rollouts that the history looks at. */
const ROLLOUTS = 50;

const input = z.object({
  push: flag(
    z.string().max(500).optional(),
    "--push <before..after>",
    "two commits of the catalog's repository (default: what lies in the directory, against HEAD)",
  ),
  repository: flag(
    z.string().optional(),
    "--repository <owner/name>",
    "a push to this repository of sites, with --changed",
  ),
  changed: flag(
    z.string().optional(),
    "--changed <file>",
    "a file with the paths that the push to --repository changed, one a line",
  ),
  urgent: flag(
    z.array(z.string()).optional(),
    "--urgent <host>",
    "this site first, ahead of everything; may be given several times",
    (text, before) => collectHosts(text, before as string[] | undefined),
  ),
  traffic: flag(
    z.string().optional(),
    "--traffic <file>",
    "hourly requests (CSV hour,zone,requests), to find the quiet hours",
  ),
  model: flag(z.boolean().optional(), "--no-model", "word it without the model that SITEFLEET_MODEL_URL names"),
  // Without a flag: for who has the paths at hand, in place of `changed`.
  changedPaths: z.array(z.string()).optional().describe("the paths that a push to a site's repository changed"),
});

/** What a push touches and why, how risky it is, and how it is to go out. */
export const analyse = defineOperation({
  name: "analyse",
  summary: "say what a push touches and why, how risky it is, and how it is to go out. Nothing is called or changed.",
  changes: false,
  input,
  events: noEvents,
  output: analysisDocument,
  async run(options, { estate, signal }): Promise<Analysed> {
    const { from, to, before, after, compared, notes } = await pushOf(estate, options);
    const dir = stateDir(environment());
    const store = await stateStore();
    const now = Date.now();
    const known = await badReleases(dir);
    const refused = compared.changes.flatMap((change) => refusedReleases(change.target, change.before, known));
    const analysis = analysePush({
      before,
      after,
      compared,
      history: historyOf(
        compared.changes.map(({ stack }) => stack),
        listRuns(join(dir, "runs")),
        await rollouts(dir, store),
      ),
      bad: [...new Set(refused.map(({ release }) => `${release.repository}@${release.commit.slice(0, 12)}`))],
      now,
      cost: await costFigure({ now: after.gates, before: before.gates }, after, now),
      urgent: options.urgent,
      traffic: options.traffic,
      ledger: await readLedger(dir, store),
      concurrency: DEFAULT_CONCURRENCY,
    });
    const text = tellAnalysis(analysis);
    const plain = { from, to, analysis, notes, text, textBy: "rules" as const };
    const model = options.model === false ? undefined : modelOf(environment());
    return model === undefined ? plain : { ...plain, ...(await reworded(model, analysisOf(plain), signal)) };
  },
  document: analysisOf,
});

interface Pushed {
  readonly from: string;
  readonly to: string;
  readonly before: Catalog;
  readonly after: Catalog;
  readonly compared: Compared;
  readonly notes: readonly string[];
}

/** @throws SitefleetError `usage`, `analyse.push`, `catalog.invalid` */
async function pushOf(
  { catalogDir }: Estate,
  { push, repository, changed, changedPaths }: z.output<typeof input>,
): Promise<Pushed> {
  const source = changed !== undefined || changedPaths !== undefined;
  if (source !== (repository !== undefined) || (source && push !== undefined))
    throw new SitefleetError({
      code: "usage",
      message: "--changed and --repository go together, and not with --push",
      hint: "--push for a push to the catalog's repository, the other two for one to a repository of sites",
    });
  if (repository !== undefined) {
    const catalog = loadCatalog(catalogDir, dnsVendors());
    const files = changedPaths ?? pathsIn(readFileSync(changed ?? "", "utf8"));
    const compared = compareSource(catalog, repository, files);
    const none =
      compared.changes.length === 0 ? [`no site of the catalog is built from ${repository} and these paths`] : [];
    return { from: "catalog", to: "push", before: catalog, after: catalog, compared, notes: none };
  }
  const read = await readPush(catalogDir, push);
  const notes = ["what is live is taken to be as the catalog before the push declares it: a preview is exact"];
  return { ...read, compared: comparePush(read), notes };
}

async function rollouts(dir: string, store: Awaited<ReturnType<typeof stateStore>>): Promise<RolloutRecord[]> {
  const files = rolloutFiles(dir, store);
  const ids = (await files.list()).slice(0, ROLLOUTS);
  const read = await Promise.all(ids.map((id) => files.read(id).catch(() => undefined)));
  return read.filter((one) => one !== undefined);
}
