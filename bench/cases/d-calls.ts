import { Estate } from "../estate/estate.ts";
import { observed, type Summary } from "../estate/observed.ts";
import type { Requests, Route } from "../estate/requests.ts";
import { sampleSites } from "../estate/sites.ts";
import { ratio } from "../measure/ratios.ts";
import type { Check, Row, Say, Sizes, TypeCalls } from "../types.ts";

/** How a resource type shows at the vendors. */
interface Kind {
  readonly type: string;
  /** Writes that create it: `METHOD path`. */
  readonly writes: readonly string[];
  /** Writes without which it cannot be created: 1 = one object at a vendor, 0 = nothing there. */
  readonly least: 0 | 1;
  /** A second write that each takes, and why. */
  readonly second?: string;
  readonly note?: string;
}

const KINDS: readonly Kind[] = [
  {
    type: "vercel:index/project:Project",
    writes: ["POST /v8/projects", "PATCH /v9/projects/:project"],
    least: 1,
    second: "provider 5.4.1 sends every new project a PATCH after the POST, whatever is declared",
  },
  { type: "vercel:index/projectDomain:ProjectDomain", writes: ["POST /v10/projects/:project/domains"], least: 1 },
  {
    type: "sitefleet:vercel:Release",
    writes: [
      "POST /v13/deployments",
      "POST /v10/projects/:project/promote/:deployment",
      "POST /v2/files",
      "PATCH /v1/projects/:project/protection-bypass",
    ],
    least: 1,
    second: "a deployment is made, checked, then promoted: one write would show visitors what was not checked",
  },
  { type: "cloudflare:index/zone:Zone", writes: ["POST /client/v4/zones"], least: 1 },
  { type: "cloudflare:index/dnsRecord:DnsRecord", writes: ["POST /client/v4/zones/:zone/dns_records"], least: 1 },
  {
    type: "cloudflare:index/zoneSetting:ZoneSetting",
    writes: ["PATCH /client/v4/zones/:zone/settings/:setting"],
    least: 1,
  },
  {
    type: "github:index/repositoryEnvironment:RepositoryEnvironment",
    writes: ["PUT /api/v3/repos/:owner/:repo/environments/:environment"],
    least: 1,
  },
  {
    type: "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret",
    writes: ["PUT /api/v3/repositories/:id/environments/:environment/secrets/:secret"],
    least: 1,
  },
  { type: "random:index/randomPassword:RandomPassword", writes: [], least: 0, note: "made on this machine" },
  { type: "command:local:Command", writes: [], least: 0, note: "one transaction over SSH" },
];

/** Groupings of ours: nothing at a vendor. */
const COMPONENTS = new Set([
  "sitefleet:cloudflare:WildcardZone",
  "sitefleet:github:Environment",
  "sitefleet:plesk:Service",
  "sitefleet:vercel:SharedProject",
  "sitefleet:vercel:Site",
]);

/** (d) API calls of the whole estate against the least possible. */
export async function calls(sizes: Sizes, say: Say) {
  const sites = sizes.calls;
  const estate = await Estate.open(sampleSites(sites));
  const rows: Row[] = [];
  try {
    say(`calls of a first up of ${sites} sites with everything else`);
    await estate.requests();
    const labels = { variant: "estate", sites };
    const { stdout, ...cost } = await estate.sitefleet("up", "--yes", "--json");
    const summary: Summary = JSON.parse(stdout);
    const requests = await estate.requests();
    const { created, changed, unchanged } = summary.total;
    const { reads, writes } = requests;
    const stacks = summary.byStack.length;
    rows.push({ ...labels, operation: "first up", stacks, cost, created, changed, unchanged, reads, writes });
    for (const [operation, ...args] of [
      ["no-op up", "up", "--yes"],
      ["no-op up --all", "up", "--yes", "--all"],
      ["preview --all", "preview", "--all"],
    ] as const) {
      say(`calls of ${operation}`);
      rows.push((await observed(estate, { ...labels, operation }, args)).row);
    }
    await estate.verify();
    const table = callsByType(summary, requests);
    return { rows, calls: table, checks: callChecks(rows, table, writes) };
  } finally {
    await estate.close();
  }
}

/** Divides the calls among the types that caused them. Components have none. Pure. */
export function callsByType({ byType }: Pick<Summary, "byType">, { routes }: Pick<Requests, "routes">): TypeCalls[] {
  const count = (wanted: (route: Route) => boolean) =>
    routes.filter(wanted).reduce((sum, route) => sum + route.count, 0);
  return byType
    .filter(({ type, counts }) => counts.created > 0 && !COMPONENTS.has(type))
    .map(({ type, counts: { created } }) => {
      const kind = KINDS.find((known) => known.type === type);
      if (kind === undefined) throw new Error(`bench/cases/d-calls.ts does not know how ${type} is created`);
      const writes = count((route) => kind.writes.includes(`${route.method} ${route.route}`));
      const note = kind.second ?? kind.note;
      const seconds = kind.second === undefined ? 0 : created;
      return { type, created, writes, least: created * kind.least, seconds, ...(note ? { note } : {}) };
    });
}

function callChecks(rows: readonly Row[], table: readonly TypeCalls[], writes: number): Check[] {
  const sum = (of: "writes" | "least" | "seconds") => table.reduce((total, line) => total + line[of], 0);
  return [
    {
      claim: "writes of a first up for each object that a vendor got",
      value: ratio(writes, sum("least")),
      unit: "x",
      target: { is: "exactly", value: 1 },
      note: "two more for each project, see the table by type",
    },
    {
      claim: "writes of a first up beyond one for each object, the PATCH of projects and promotions aside",
      value: writes - sum("least") - sum("seconds"),
      unit: "calls",
      target: { is: "exactly", value: 0 },
    },
    {
      claim: "writes of a first up that belong to no resource",
      value: writes - sum("writes"),
      unit: "calls",
      target: { is: "exactly", value: 0 },
    },
    ...rows.slice(1).map(
      (row): Check => ({
        claim: `writes of ${row.operation}`,
        value: row.writes ?? Number.NaN,
        unit: "calls",
        target: { is: "exactly", value: 0 },
      }),
    ),
  ];
}
