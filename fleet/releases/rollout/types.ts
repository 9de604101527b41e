import { z } from "zod";
import type { StackState } from "../../../stacks/desired.ts";
import { figuresSchema, type Known, knownSchema, verdictSchema } from "../../backend/journal/verdict.ts";

export type { Known };

const outcomeSchema = z.enum(["done", "stopped", "aborted"]);

const wave = { wave: z.string() };

/** Releases of services by key; null where none is live. */
const liveSchema = z.record(z.string(), z.string().nullable());

const happened = {
  started: z.object({
    event: z.literal("started"),
    by: z.string(),
    /** `services`: absent of waves of sites. */
    waves: z.array(
      z.object({ wave: z.string(), sites: z.number(), stacks: z.number(), services: z.number().optional() }),
    ),
  }),
  waveStarted: z.object({
    event: z.literal("wave-started"),
    ...wave,
    known: z.array(knownSchema),
    /** Live releases of the wave's services before it; null where none is. Absent of sites. */
    live: liveSchema.optional(),
  }),
  waveApplied: z.object({
    event: z.literal("wave-applied"),
    ...wave,
    run: z.string(),
    /** ISO 8601: judged from then on. */
    soakUntil: z.string(),
  }),
  waveFailed: z.object({
    event: z.literal("wave-failed"),
    ...wave,
    run: z.string(),
    errors: z.array(z.string()),
    /** Sites and shared projects whose release is to blame: its build or its check before promotion failed. */
    blamed: z.array(z.string()).default([]),
  }),
  soakSkipped: z.object({ event: z.literal("soak-skipped"), ...wave, by: z.string() }),
  waveChecked: z.object({
    event: z.literal("wave-checked"),
    ...wave,
    verdict: verdictSchema,
    reason: z.string(),
    figures: figuresSchema,
    /** File with what was seen. */
    evidence: z.string().optional(),
  }),
  waveAccepted: z.object({ event: z.literal("wave-accepted"), ...wave, by: z.string() }),
  waveRolledBack: z.object({
    event: z.literal("wave-rolled-back"),
    ...wave,
    run: z.string(),
    /** Releases that are remembered as bad. */
    bad: z.array(z.string()),
    /** Hosts by stack that did not go back, because something would have been lost. */
    left: z.record(z.string(), z.array(z.string())).default({}),
  }),
  /** A wave that failed does not go back by itself: a person decides. */
  waveHeld: z.object({ event: z.literal("wave-held"), ...wave, reason: z.string() }),
  escalated: z.object({
    event: z.literal("escalated"),
    ...wave,
    reason: z.string(),
    /** What was done about it. */
    done: z.string(),
    figures: figuresSchema.optional(),
    evidence: z.string().optional(),
  }),
  paused: z.object({
    event: z.literal("paused"),
    reason: z.string(),
    by: z.string(),
    /** Of the error that stopped it, where one did. */
    code: z.string().optional(),
  }),
  resumed: z.object({ event: z.literal("resumed"), by: z.string() }),
  aborting: z.object({ event: z.literal("aborting"), by: z.string(), keep: z.boolean() }),
  wentBack: z.object({
    event: z.literal("went-back"),
    run: z.string(),
    /** What stays, since there was nothing before it. */
    kept: z.array(z.string()).default([]),
  }),
  ended: z.object({ event: z.literal("ended"), outcome: outcomeSchema, reason: z.string() }),
};

const eventSchema = z.discriminatedUnion("event", [
  happened.started,
  happened.waveStarted,
  happened.waveApplied,
  happened.waveFailed,
  happened.soakSkipped,
  happened.waveChecked,
  happened.waveAccepted,
  happened.waveRolledBack,
  happened.waveHeld,
  happened.escalated,
  happened.paused,
  happened.resumed,
  happened.aborting,
  happened.wentBack,
  happened.ended,
]);
/** Something that happened in a rollout. */
export type RolloutEvent = z.infer<typeof eventSchema>;

/** A line of a rollout's events. `at`: ISO 8601. */
export const entrySchema = z.intersection(z.object({ at: z.string(), rollout: z.string() }), eventSchema);
/** See {@link entrySchema}. */
export type RolloutEntry = z.infer<typeof entrySchema>;

/** Where a wave stands. `failed`: it must go back, or a person decides; `doubtful`: a person decides. */
const STEPS = ["waiting", "applying", "soaking", "doubtful", "failed", "passed", "rolled-back"] as const;

const waveSchema = z.object({
  name: z.string(),
  /**
   * `shared`: the stack of zones and shared projects; `last`: an ordinary update of all stacks of sites; `services`: a group of services of
   * SSH hosts.
   */
  kind: z.enum(["shared", "sites", "last", "services"]),
  /** Hosts by stack: that change, come or go in this wave. */
  hosts: z.record(z.string(), z.array(z.string())),
  /** Keys of the services that it brings. */
  services: z.array(z.string()).optional(),
  /** Which of their releases were live before it; null where none was. */
  live: liveSchema.optional(),
  pauseSeconds: z.number(),
  soakSeconds: z.number(),
  limits: z.object({ failurePercent: z.number(), slowdownPercent: z.number(), slowdownFloorMs: z.number() }),
  step: z.enum(STEPS),
  /** What failed before it, see `failureRate`. */
  known: z.array(knownSchema).default([]),
  /** ISO 8601: not started before then. */
  notBefore: z.string().optional(),
  /** ISO 8601: when it was begun. */
  begunAt: z.string().optional(),
  soakUntil: z.string().optional(),
  /** Runs of it, forward and back. */
  runs: z.array(z.string()).default([]),
  verdict: verdictSchema.optional(),
  reason: z.string().optional(),
  figures: figuresSchema.optional(),
  evidence: z.string().optional(),
  /** Whose release is to blame for an update that failed. */
  blamed: z.array(z.string()).default([]),
  /** Why it does not go back by itself although it failed. */
  held: z.string().optional(),
  /** Hosts by stack that did not go back with it. */
  left: z.record(z.string(), z.array(z.string())).default({}),
});
/** A wave of a rollout that has been planned. */
export type WaveState = z.infer<typeof waveSchema>;

/** A rollout as it is kept. */
export const recordSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  /** Of what the stacks are to be. */
  digest: z.string(),
  startedAt: z.string(),
  /** `running` says what is to be done, not that a process does it. */
  status: z.enum(["running", "paused", "aborting", "done", "stopped", "aborted"]),
  reason: z.string().default(""),
  /** Does a failed wave go back by itself? */
  rollback: z.boolean(),
  /** Safeguards of the preflight that were lifted when it began. */
  allow: z.array(z.string()).optional(),
  /** With `aborting`: leave the waves as they are. */
  keep: z.boolean().default(false),
  waves: z.array(waveSchema),
  /** What the stacks were before; null = there was none. */
  before: z.record(z.string(), z.custom<StackState>().nullable()),
  /** What they are to be: the catalog may change while it goes out. */
  target: z.record(z.string(), z.custom<StackState>()),
});
/** See {@link recordSchema}. */
export type RolloutRecord = z.infer<typeof recordSchema>;

/** What a person asks of a rollout that another process may be carrying out. */
export const requestSchema = z.object({
  want: z.enum(["pause", "resume", "promote", "abort"]),
  by: z.string(),
  keep: z.boolean().default(false),
});
/** See {@link requestSchema}. */
export type Request = z.infer<typeof requestSchema>;
