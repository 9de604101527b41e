import { z } from "zod";
import { Repository, text } from "./values.ts";

/** What messages are about. `incident`: something that a person must look at; `alert` and `warning`: a rule of alerts.yaml. */
export const TOPICS = [
  "approval",
  "started",
  "wave",
  "paused",
  "done",
  "failed",
  "went-back",
  "escalated",
  "drift",
  "incident",
  "alert",
  "warning",
] as const;
/** See {@link TOPICS}. */
export type Topic = (typeof TOPICS)[number];

/** Never the value: this file is committed. */
const Variable = (about: string) =>
  text(/^[A-Z][A-Z0-9_]{0,99}$/, "the NAME of an environment variable, never the value").meta({
    description: `Name of the environment variable with ${about}.`,
  });
const Clock = text(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day like 22:00");
const Address = text(/^[^\s<>,;:"@\p{Cc}]{1,64}@[a-z0-9.-]{1,200}$/u, "a mail address");

const Zone = z.string().refine(isTimeZone, { error: "a time zone like Europe/Vienna" });

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const common = {
  name: text(/^[a-z0-9][a-z0-9-]{0,31}$/, "lower case letters, digits and hyphens, at most 32"),
  events: z
    .array(z.enum(TOPICS))
    .min(1)
    .default([...TOPICS])
    .meta({ description: "What it is told of; everything when left out." }),
  quiet: z
    .strictObject({ from: Clock, to: Clock, zone: Zone.default("UTC") })
    .optional()
    .meta({
      description: "Hours in which only escalations, incidents and alerts are told; the rest waits for their end.",
    }),
};

const ReceiverShape = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("slack"),
    ...common,
    webhook: Variable("an incoming webhook's address").optional(),
    token: Variable("a bot's token: one message a run is updated").optional(),
    channel: text(/^[#A-Za-z0-9_-]{1,80}$/, "a channel's name or id").optional(),
    api: Variable("the address of Slack's Web API").optional(),
  }),
  z.strictObject({ kind: z.literal("discord"), ...common, webhook: Variable("the webhook's address") }),
  z.strictObject({
    kind: z.literal("mail"),
    ...common,
    server: Variable("the server as smtps://user:password@host:port"),
    from: Address,
    to: z.array(Address).min(1).max(20),
  }),
  z.strictObject({
    kind: z.literal("webhook"),
    ...common,
    url: Variable("the address"),
    secret: Variable("the key that bodies are signed with"),
  }),
  z.strictObject({
    kind: z.literal("issue"),
    ...common,
    repository: Repository,
    token: Variable("a token that may write issues").default("GITHUB_TOKEN"),
    label: text(/^[^\p{Cc},]{1,50}$/u, "a label of at most 50 characters").default("sitefleet-incident"),
  }),
]);
/** A receiver of messages. */
export type NotifyReceiver = z.output<typeof ReceiverShape>;

/** When something is raised. Defaults: docs/reference/incidents.md. */
const IncidentsShape = z.strictObject({
  repeatMinutes: z.int().min(5).max(10_080).default(60).meta({ description: "Told again after so many minutes." }),
  failurePercent: z.number().min(0).max(100).default(5).meta({ description: "Percent of sites that may fail." }),
  slowdownPercent: z.number().positive().default(30).meta({ description: "Percent slower than usual, in the median." }),
  costPerDay: z.number().min(0).default(10).meta({ description: "Euro a day above what is usual." }),
});
/** See {@link IncidentsShape}. */
export type IncidentLimits = z.output<typeof IncidentsShape>;

/** Where runs are shown beside the commits that they carry out. */
const PublishShape = z.strictObject({
  repository: Repository.meta({ description: "The repository of the catalog.", examples: ["acme/estate"] }),
  token: Variable("a token that may write statuses, deployments, contents and issues").default("GITHUB_TOKEN"),
  environment: text(/^[^\p{Cc}]{1,100}$/u, "at most 100 characters")
    .optional()
    .meta({ description: "What deployments are to; default: the target of the run." }),
  label: text(/^[^\p{Cc},]{1,50}$/u, "a label of at most 50 characters")
    .default("sitefleet-deployment")
    .meta({ description: "Of the issues in which runs are tracked." }),
});
/** See {@link PublishShape}. */
export type Publish = z.output<typeof PublishShape>;

/** notify.yaml. */
export const NotifyFile = z.strictObject({
  receivers: z.array(ReceiverShape).max(20).default([]).meta({ description: "Who is told." }),
  incidents: IncidentsShape.prefault({}).meta({ description: "What is raised as an incident." }),
  publish: PublishShape.optional().meta({
    description: "Where `sitefleet report --publish` shows runs: statuses, deployments, tags, issues.",
  }),
});
/** notify.yaml as read. */
export type Notify = z.output<typeof NotifyFile>;
