import { z } from "zod";
import { incidentSchema } from "../incidents/types.ts";

const text = z.string();
const count = z.int().min(0);
const time = z.string().describe("ISO 8601");

/** What cannot be told, why, and how it can be found out. A figure that is not known is never made up. */
const unknownSchema = z.object({
  known: z.literal(false),
  why: text,
  command: text.optional().describe("what a person runs to know it"),
});
/** See {@link unknownSchema}. */
export type Unknown = z.infer<typeof unknownSchema>;

const known = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.discriminatedUnion("known", [z.object({ known: z.literal(true), ...shape }), unknownSchema]);

const verdict = z.enum(["pass", "fail", "inconclusive"]);

const upSchema = z.object({
  state: z.enum(["up", "down", "unknown"]).describe("up: all that is declared was checked and passes"),
  sentence: text,
  declared: count.describe("sites and services"),
  passing: count,
  failing: count,
  inconclusive: count,
  unchecked: count.describe("no kept check, or none since the last hours that count"),
  oldestAt: time.optional().describe("of the checks that were counted"),
  newestAt: time.optional(),
  failures: z.array(z.object({ host: text, kind: z.enum(["site", "service"]), reason: text, at: time })),
});

const runSchema = z.object({
  run: text,
  operation: text,
  by: text,
  target: text,
  startedAt: time,
  lastAt: time.describe("the last that was heard of it"),
  alive: z.boolean().describe("a process holds its locks; false: it was killed, or has not begun to change anything"),
  total: count.describe("stacks"),
  active: z.array(text),
  queued: count,
  done: count,
  failed: count,
  partial: z.boolean().describe("events are missing: it may be further than this"),
  waitsFor: text.describe("empty: for nothing but its own work"),
  secondsLeft: z.number().nullable().describe("null: not known yet"),
  leftFrom: text.describe("how the time left was reckoned, or why it is not known"),
});
/** A run that is under way. */
export type RunNow = z.infer<typeof runSchema>;

const waveSchema = z.object({
  name: text,
  kind: z.enum(["shared", "sites", "last", "services"]),
  step: text,
  sites: count,
  services: z.array(text).optional().describe("keys of the services that it brings; absent of waves of sites"),
  stacks: count,
  verdict: verdict.optional(),
  reason: text,
  failurePercent: z.number().optional(),
  checked: count.optional().describe("sites that were judged"),
});

const rolloutSchema = z.object({
  id: text,
  status: z.enum(["running", "paused", "aborting", "done", "stopped", "aborted"]),
  reason: text,
  startedAt: time,
  runner: z.object({ user: text, host: text, pid: z.int() }).nullable().describe("the process that carries it out"),
  asked: z.boolean().describe("a request of a person is not taken yet"),
  wave: text.nullable().describe("the wave that it is in"),
  waves: z.array(waveSchema),
  sites: count,
  sitesDone: count.describe("of waves that passed"),
  sitesActive: count.describe("of the wave that is carried out or judged"),
  waitsFor: text,
  secondsLeft: z.number().nullable(),
  leftFrom: text,
  can: z.object({ pause: z.boolean(), abort: z.boolean() }),
});
/** The newest rollout. */
export type RolloutNow = z.infer<typeof rolloutSchema>;

const waitSchema = z.object({
  kind: z.enum(["approval", "rollout", "incident", "run"]),
  sentence: text,
  command: text.describe("exactly what a person runs"),
  since: time,
  until: time.optional(),
});
/** Something that waits for a person. */
export type Wait = z.infer<typeof waitSchema>;

const deploymentsSchema = z.object({
  since: time,
  runs: count,
  stacks: count,
  failedStacks: count,
  releases: count,
  failedReleases: count,
  successPercent: z.number().optional().describe("absent: nothing was deployed"),
  meanStackSeconds: z.number().optional(),
  meanReleaseSeconds: z.number().optional(),
  wentBack: count,
  active: count.describe("stacks that are worked on now"),
  queued: count.describe("stacks of runs under way that have not begun"),
});

const limitSchema = z.object({
  limit: text.describe("id in limits.yaml, and of what"),
  what: text,
  amount: z.number(),
  used: z.number(),
  held: z.number().describe("promised to stacks that run"),
  left: z.number(),
  nextAt: time.nullable().describe("when one more fits; null: when what runs gives it back"),
  blocked: z.boolean().describe("the vendor has refused: nothing goes out before that"),
});

const costSchema = known({
  currency: text,
  basis: z.enum(["charges", "prices"]),
  expected: z.number().optional().describe("of the billing cycle; absent where only a range is known"),
  low: z.number(),
  high: z.number(),
  interval: text.describe("what low and high are"),
  budget: z.number().optional(),
  asOf: text.optional(),
  dependsOn: z.array(text).describe("what is not known, so that it can be more"),
  days: z.array(z.object({ day: text, known: z.boolean(), expected: z.number(), low: z.number(), high: z.number() })),
});

const adviceSchema = z.object({ says: text, because: text, command: text.optional() });

const cellSchema = z.object({
  cell: text,
  stack: text,
  sites: count,
  passing: count,
  failing: count,
  inconclusive: count,
  unchecked: count,
  state: z.enum(["active", "queued", "failed", "done", "idle"]).describe("in the run that is under way"),
  updatedAt: time.nullable().describe("of its state's last write; null: not known"),
});
/** A cell. */
export type CellNow = z.infer<typeof cellSchema>;

const siteSchema = z.object({
  host: text,
  cell: text,
  zone: text,
  channel: text,
  shared: z.boolean().optional(),
  declared: text.optional().describe("commit; absent: what is live stays"),
  live: text.optional().describe("commit as of its stack's last update; absent: not known"),
  verdict: verdict.optional().describe("absent: not checked"),
  at: time.optional(),
  ms: z.number().optional(),
  reason: text.optional().describe("of one that does not pass"),
});
/** A site in the list. */
export type SiteNow = z.infer<typeof siteSchema>;

const zoneSchema = z.object({
  zone: text,
  mode: text,
  kind: text,
  dns: text.optional(),
  sites: count,
  records: z.array(z.object({ name: text, type: text, value: text })),
});

const bytes = z.number().min(0);
/** Absent: the host or the database did not say it. */
const onHostSchema = known({
  at: time.describe("when it was seen"),
  deployed: z.boolean().describe("a release of ours is live"),
  cutOff: z.boolean().describe("a run was cut off; the next one puts back first"),
  locked: z.boolean().describe("a run holds its lock"),
  snapshotAt: time.optional().describe("of its database's newest snapshot"),
  diskFreeBytes: bytes.optional().describe("for the account, where its releases are"),
  diskBytes: bytes.optional(),
  databaseUp: z.boolean().optional(),
  connections: count.optional().describe("to its database's server, of all users"),
  connectionsLimit: count.optional(),
  migrations: z.object({ applied: count, failed: count }).optional().describe("noted by the service's own tool"),
});

const serviceSchema = z.object({
  key: text,
  host: text,
  server: text,
  kind: text,
  release: text.nullable().describe("digest of its artifact as of the last update; null: not known"),
  database: text.nullable().describe("null: it has none"),
  verdict: verdict.optional(),
  at: time.optional(),
  ms: z.number().optional(),
  reason: text.optional(),
  certificateUntil: time.optional(),
  onHost: onHostSchema,
});

const pastSchema = z.object({
  run: text,
  operation: text,
  by: text,
  outcome: z.enum(["done", "waiting", "open", "failed"]),
  startedAt: time,
  endedAt: time.nullable(),
  minutes: z.number().optional(),
  stacks: count,
  failedStacks: count,
  waves: z.array(z.object({ wave: text, state: text, reason: text })),
  judged: text,
  commits: z.array(text),
});

const historySchema = z.object({ run: text, at: time, by: text, operation: text, what: text, ok: z.boolean() });

const detailSchema = known({
  host: text,
  cell: text,
  stack: text,
  zone: text,
  repository: text,
  rootDirectory: text,
  framework: text,
  channel: text,
  line: count.describe("in sites.csv"),
  declared: text.nullable(),
  live: text.nullable(),
  check: known({
    verdict,
    reason: text,
    at: time,
    vantages: z.array(
      z.object({
        vantage: text,
        verdict,
        ms: z.number().optional(),
        findings: z.array(text),
        evidence: z.array(
          z.object({ url: text.optional(), at: time, status: z.int().optional(), headers: text, excerpt: text }),
        ),
      }),
    ),
  }),
  cost: known({ project: text, monthly: z.number(), currency: text, note: text }),
  history: z.array(historySchema).describe("runs that changed its stack, newest first"),
  incidents: z.array(text),
});
/** All that is known of one site. */
export type SiteDetail = z.infer<typeof detailSchema>;

/** What the estate is and does now, from what was kept: nothing is asked of vendors, sites or hosts for it. */
export const overviewSchema = z.object({
  at: time.describe("when it was read"),
  target: text,
  up: upSchema,
  runs: z.array(runSchema).describe("under way"),
  rollout: rolloutSchema.nullable().describe("the newest; null: there was none"),
  waits: z.array(waitSchema).describe("for a person, the most urgent first"),
  deployments: deploymentsSchema,
  budgets: known({
    vendors: z.array(z.object({ vendor: text, limits: z.array(limitSchema) })),
    waiting: z.array(z.object({ limit: text, at: time.nullable() })).describe("stacks that wait for their budget"),
  }),
  window: z.object({ from: time, to: time, reason: text }).describe("the best hours for a large change"),
  cost: costSchema,
  advice: z.array(adviceSchema).describe("how to scale, each with its reason"),
  cells: z.array(cellSchema),
  zones: z.array(zoneSchema),
  services: z.array(serviceSchema),
  past: z.array(pastSchema).describe("runs, the newest first"),
  incidents: z.array(incidentSchema.omit({ timeline: true })),
  drift: known({ at: time, changes: count, examples: z.array(text), sentence: text }),
  approvals: z.array(
    z.object({
      id: text,
      operation: text,
      does: text,
      notBefore: time,
      expires: time,
      stacks: count,
      asks: z.array(text),
    }),
  ),
  badReleases: z.array(z.object({ repository: text, commit: text, at: time, reason: text })),
  unknown: z
    .array(
      z.object({
        what: text,
        why: text,
        command: text.optional(),
        asOf: time.optional().describe("what is shown of it was read then; absent: nothing of it is shown"),
      }),
    )
    .describe("sources that could not be read"),
  sites: z.array(siteSchema).optional().describe("only where asked for"),
  site: detailSchema.optional().describe("only where asked for"),
});
/** See {@link overviewSchema}. */
export type Overview = z.infer<typeof overviewSchema>;
