import { z } from "zod";
import { environment } from "../environment/index.ts";
import { alertProblems } from "../fleet/alerts/index.ts";
import { readIndex } from "../fleet/backend/index/stack-index.ts";
import { stateDir } from "../fleet/backend/store/state-dir.ts";
import { shrunkSince } from "../fleet/run/preflight/index.ts";
import { checkCatalog, type Problem } from "../model/index.ts";
import { dnsVendors } from "../vendors/index.ts";
import { noEvents } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";
import { problemsSchema } from "./kit/problem.ts";

/** How much a catalog declares. */
interface Figures {
  readonly zones: number;
  readonly sites: number;
  readonly services: number;
  readonly secrets: number;
  readonly releases: number;
}

/** What a check of the catalog found. */
export interface Validated {
  readonly catalogDir: string;
  readonly problems: readonly Problem[];
  /** Absent when something is wrong. */
  readonly figures?: Figures;
  /** What is allowed and looks like a mistake. */
  readonly warnings: readonly string[];
}

const figure = z.int().min(0).optional();

/** Checks the catalog and lists everything that is wrong with it. */
export const validate = defineOperation({
  name: "validate",
  summary: "check the catalog; every problem of every file is listed. Nothing is called or changed.",
  changes: false,
  input: z.object({}),
  events: noEvents,
  output: z.object({
    ok: z.boolean(),
    catalog: z.string().describe("its directory"),
    zones: figure.describe("how many; this and the next four are missing when there are problems"),
    sites: figure,
    services: figure,
    secrets: figure,
    releases: figure,
    problems: problemsSchema,
    warnings: z.array(z.string()).describe("what is allowed and looks like a mistake"),
  }),
  async run(_input, { estate: { catalogDir } }): Promise<Validated> {
    const { catalog, problems: found } = checkCatalog(catalogDir, dnsVendors());
    const problems = [...found, ...alertProblems(catalogDir)];
    if (catalog === undefined || problems.length > 0) return { catalogDir, problems, warnings: [] };
    const { empty, findings } = shrunkSince(catalog, readIndex(stateDir(environment())));
    const figures = {
      zones: catalog.zones.length,
      sites: catalog.sites.length,
      services: catalog.services.length,
      secrets: catalog.secrets.entries.length,
      releases: Object.keys(catalog.releases).length,
    };
    return { catalogDir, problems, figures, warnings: [...empty, ...findings.map(({ sentence }) => sentence)] };
  },
  document: ({ catalogDir, problems, figures, warnings }) => ({
    ok: problems.length === 0,
    catalog: catalogDir,
    ...figures,
    problems,
    warnings: [...warnings],
  }),
  exitCode: ({ problems }) => (problems.length > 0 ? 1 : 0),
});
