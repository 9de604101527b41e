import { z } from "zod";
import { Repository, text, Words } from "./values.ts";

/** What a rule does when it finds something. `off`: it is not asked. */
const SEVERITIES = ["off", "inform", "approve", "stop"] as const;
/** What an approver may say yes to. `general`: what is none of the others. */
export const AREAS = ["general", "dns", "money", "databases"] as const;
const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

const Severity = z.enum(SEVERITIES);
const PublicKey = text(
  /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]+={0,2}( [^\p{Cc}]*)?$/u,
  "a public SSH key, as in the file that ends with .pub",
);
const Percent = z.number().min(0).max(100);

const TimeZone = z
  .string()
  .refine(isTimeZone, { error: "a time zone by its IANA name, such as UTC or Europe/Vienna" })
  .default("UTC")
  .meta({ description: "IANA time zone in which times and days are meant.", examples: ["Europe/Vienna"] });

const Time = text(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day as HH:MM, in quotes");
/** A calendar day that exists. */
const Day = text(/^\d{4}-\d{2}-\d{2}$/, "a day as YYYY-MM-DD, in quotes").refine(isDay, {
  error: "a day that exists, as YYYY-MM-DD",
});

const WindowShape = z.strictObject({
  days: z
    .array(z.enum(DAYS))
    .min(1)
    .default([...DAYS])
    .meta({ description: "Days on which it begins; default: each." }),
  from: Time.meta({ description: "It begins." }),
  to: Time.meta({ description: "It has ended. Not later than `from`: on the next day." }),
  timeZone: TimeZone,
});

const FreezeShape = z.strictObject({
  from: Day.meta({ description: "First day." }),
  to: Day.meta({ description: "Last day, included." }),
  timeZone: TimeZone,
  reason: Words.meta({ description: "Why, for people." }),
});

function rule<Extra extends z.ZodRawShape>(
  severity: (typeof SEVERITIES)[number],
  area: (typeof AREAS)[number],
  description: string,
  extra: Extra,
) {
  return z
    .strictObject({
      severity: Severity.default(severity).meta({
        description: "inform: it is told; approve: it needs an approval; stop: it is refused; off: it is not asked.",
      }),
      area: z.enum(AREAS).default(area).meta({ description: "Who may approve it: approvers of this area." }),
      approvals: z.int().min(1).max(10).default(1).meta({ description: "So many approvers must say yes." }),
      scope: z
        .array(text(/^[a-z][a-z0-9-]{0,63}$/, "names of stacks, or `cells`"))
        .min(1)
        .optional()
        .meta({
          description: "Only changes in these stacks count; `cells` stands for all cells. Default: the estate.",
        }),
      ...extra,
    })
    .prefault({} as never)
    .meta({ description });
}

const windows = (inputs: z.input<typeof WindowShape>[]) =>
  z.array(WindowShape).min(1).prefault(inputs).meta({ description: "When it may be done." });
const unknown = Severity.default("approve").meta({ description: "What holds while the figure is not known." });
const source = text(/^[a-z][a-z0-9-]{0,31}$/, "the name of a source")
  .optional()
  .meta({ description: "Where the figure comes from. Without a source the rule is not asked." });
const share = {
  percent: Percent.default(30).meta({ description: "More than this share, percent." }),
  floor: z.int().min(1).default(10).meta({ description: "Judged from so many on that are there." }),
};

const RulesShape = z.strictObject({
  "first-sites": rule("approve", "general", "The first production sites of the estate.", {
    sites: z.int().min(1).default(10).meta({ description: "So many sites are the first ones." }),
  }),
  "new-zone-dns": rule("approve", "dns", "DNS of a zone that is new.", {}),
  "many-sites": rule("approve", "general", "Many sites in one run.", {
    sites: z.int().min(0).default(50).meta({ description: "More sites than this." }),
  }),
  "share-of-deletes": rule(
    "approve",
    "general",
    "What is deleted or replaced, as a share of a stack or the estate.",
    share,
  ),
  "share-of-updates": rule("approve", "general", "What is updated, as a share of a stack or the estate.", share),
  "delete-project": rule("approve", "general", "A project is deleted.", {}),
  "delete-zone": rule("approve", "dns", "A zone is deleted.", {}),
  "delete-domain": rule("approve", "dns", "A domain is taken from its project.", {}),
  "delete-environment": rule("approve", "general", "An environment is deleted.", {}),
  "delete-database": rule("approve", "databases", "A service lets go of its database.", {}),
  "service-leaves": rule("approve", "general", "A service leaves the catalog.", {}),
  "bad-release": rule("stop", "general", "A release that is remembered as bad.", {}),
  "irreversible-migration": rule("approve", "databases", "A migration of a database that cannot be put back.", {}),
  loss: rule("approve", "general", "A change that cannot be rolled back without loss.", {}),
  "window-host": rule("approve", "general", "Services are deployed outside of the host's window.", {
    windows: windows([{ days: ["saturday"], from: "08:00", to: "14:00" }]),
  }),
  "window-mass": rule("approve", "general", "Many sites change outside of their window.", {
    sites: z.int().min(0).default(50).meta({ description: "More sites than this." }),
    windows: windows([{ from: "02:00", to: "04:00" }]),
  }),
  freeze: rule("stop", "general", "The estate is frozen on these days.", {}),
  "unsigned-artifact": rule(
    "stop",
    "general",
    "A service would be deployed from an artifact that no signer has signed.",
    {
      signers: z.array(PublicKey).max(50).default([]).meta({
        description: "Public SSH keys whose signatures count. Without any the rule is not asked.",
      }),
    },
  ),
  cost: rule("approve", "money", "The account would cost more a month.", {
    eurosPerMonth: z.number().min(0).default(20).meta({ description: "More than this, in euros a month." }),
    source,
    unknown,
  }),
  quality: rule("stop", "general", "A check of quality.yaml fails for what would be deployed.", {
    source: source.meta({ description: "Not used any more: what is asked is declared by quality.yaml." }),
    unknown: Severity.optional().meta({ description: "Not used any more: see quality-not-run." }),
  }),
  "quality-not-run": rule("stop", "general", "A check of quality.yaml has no result for what would be deployed.", {}),
});

/** gates.yaml. */
export const GatesFile = z.strictObject({
  rules: RulesShape.prefault({}).meta({ description: "The rules by id. What is left out has its default." }),
  freezes: z.array(FreezeShape).max(200).default([]).meta({ description: "Days on which nothing is changed." }),
  expiryHours: z.number().positive().max(720).default(72).meta({ description: "Hours for which a request holds." }),
});

/** An approver. */
const ApproverShape = z.strictObject({
  name: text(/^[a-z0-9][a-z0-9._-]{0,62}$/, "lower case letters, digits, dots, hyphens and underscores").meta({
    description: "Short name; it stands in approvals.",
  }),
  emails: z
    .array(text(/^[^\s@<>]{1,64}@[^\s@<>]{1,190}$/, "a mail address"))
    .min(1)
    .meta({ description: "Addresses of this person's commits: an author does not approve the own change." }),
  githubId: z.int().min(1).optional().meta({ description: "Numeric id at GitHub, for `reviews`." }),
  keys: z.array(PublicKey).default([]).meta({ description: "Public SSH keys." }),
  areas: z.array(z.enum(AREAS)).min(1).default(["general"]).meta({ description: "What this person may approve." }),
  until: Day.optional().meta({ description: "Last day (UTC) on which this person's yes counts." }),
});

/** approvers.yaml. */
export const ApproversFile = z.strictObject({
  approvers: z.array(ApproverShape).max(100).meta({ description: "Who may approve." }),
  reviews: z
    .strictObject({
      repository: Repository.meta({
        description: "The repository whose pull requests and environments are asked.",
        examples: ["acme/estate"],
      }),
    })
    .optional()
    .meta({ description: "Reviews at GitHub count as approvals too. Default: they do not, and GitHub is not asked." }),
});

/** The rules of gates.yaml. */
export type Gates = z.output<typeof GatesFile>;
/** Ids of all rules. */
export const GATE_IDS = Object.keys(RulesShape.shape) as GateId[];
/** Id of a gate's rule. */
export type GateId = keyof Gates["rules"];
/** See {@link GatesFile}. */
export type GateWindow = z.output<typeof WindowShape>;
/** Days of a freeze. */
export type Freeze = z.output<typeof FreezeShape>;
/** A person who may approve. */
export type Approver = z.output<typeof ApproverShape>;
/** What approvers.yaml says. */
export type Approvers = z.output<typeof ApproversFile>;
/** Id of the account under which an approver's reviews are. Pure. */
export const accountOf = ({ githubId }: Approver): number | undefined => githubId;
/** What an approver may say yes to. */
export type Area = (typeof AREAS)[number];

function isTimeZone(name: string): boolean {
  // The usual one needs no tables: to load them takes a twentieth of a short command's CPU time.
  if (name === "UTC") return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
