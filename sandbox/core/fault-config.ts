import { z } from "zod";
import { SUBJECT_NAMES, VENDOR_NAMES } from "./names.ts";

const vendor = z.enum(VENDOR_NAMES);
const pattern = z.string().refine(isRegExp, "must be a regular expression");
const id = z.string().min(1);

/** Which calls a rule is about; what is left out matches everything, but for the web server, which must be named. */
const match = {
  vendor: z.enum(SUBJECT_NAMES).optional(),
  /** One method, several, or `read`/`write` for all of a kind. */
  method: z.union([z.string(), z.array(z.string())]).optional(),
  /** Regular expression over the path (without query), not anchored. */
  path: pattern.optional(),
  /** Regular expression over the request's body; only looked at when given, since it costs a copy of the body. */
  body: pattern.optional(),
};

const action = z.discriminatedUnion("type", [
  /** Answers with the vendor's own error body. `retryAfter` in seconds. */
  z.strictObject({
    type: z.literal("status"),
    status: z.int().min(400).max(599),
    retryAfter: z.number().nonnegative().optional(),
    code: z.union([z.string(), z.number()]).optional(),
    message: z.string().optional(),
  }),
  /** Never answers; the connection is cut after `ms`. */
  z.strictObject({ type: z.literal("hang"), ms: z.number().nonnegative().default(120_000) }),
  /** Cuts the connection at once. */
  z.strictObject({ type: z.literal("drop") }),
  /** Waits, then goes on as usual. */
  z.strictObject({ type: z.literal("delay"), ms: z.number().nonnegative() }),
  /** Carries the call out, then answers with `status`, or cuts the connection when there is none. */
  z.strictObject({ type: z.literal("apply-then-fail"), status: z.int().min(400).max(599).optional() }),
]);

const fault = z.strictObject({
  id,
  ...match,
  /** Chance that a matching call is hit, 0 to 1. */
  probability: z.number().min(0).max(1).default(1),
  /** Matching calls let through before the first hit. */
  after: z.int().nonnegative().default(0),
  /** Hits before the rule is spent. @default no end */
  times: z.int().positive().optional(),
  action,
});

const latency = z.strictObject({
  ...match,
  ms: z.number().nonnegative(),
  /** Up to this much more, evenly spread. */
  jitterMs: z.number().nonnegative().default(0),
});

const limit = z.strictObject({
  id,
  ...match,
  vendor,
  /** Calls allowed in `per` seconds. */
  amount: z.number().positive(),
  per: z.number().positive(),
  /** `window`: all come back together; `bucket`: they come back one by one. */
  algorithm: z.enum(["window", "bucket"]).default("window"),
  /** `token`: each credential has its own; `all`: one for all; `capture`: one per first group of `path`. */
  scope: z.enum(["token", "all", "capture"]).default("token"),
  /** Seconds during which everything is refused once the limit was hit (Cloudflare: 300). */
  block: z.number().nonnegative().optional(),
  /** GitHub's two kinds differ in status and body. */
  kind: z.enum(["primary", "secondary"]).default("primary"),
  /** False: no header tells what is left, as if the limit were undocumented. */
  announce: z.boolean().default(true),
});

/** Faults, latency and limits of a sandbox. The default has none of them. */
export const faultConfigSchema = z
  .strictObject({
    latency: z.array(latency).default([]),
    faults: z.array(fault).default([]),
    limits: z.array(limit).default([]),
    /** Divides the seconds of all limits: 3600 makes an hour a second. */
    timeScale: z.number().positive().default(1),
    /** Start of the pseudo-random numbers behind probability and jitter, so that a run can be repeated. */
    seed: z.int().nonnegative().default(1),
  })
  .refine((config) => new Set(config.faults.map((rule) => rule.id)).size === config.faults.length, {
    message: "ids of faults must be unique",
    path: ["faults"],
  })
  .refine((config) => new Set(config.limits.map((rule) => rule.id)).size === config.limits.length, {
    message: "ids of limits must be unique",
    path: ["limits"],
  });

/** Checked configuration, defaults filled in. */
export type FaultConfig = z.output<typeof faultConfigSchema>;
/** As written by people: every field optional. */
export type FaultConfigInput = z.input<typeof faultConfigSchema>;
/** One rule that makes calls fail. */
export type FaultRule = FaultConfig["faults"][number];
/** One rule that limits calls. */
export type LimitRule = FaultConfig["limits"][number];
/** One rule that slows calls down. */
export type LatencyRule = FaultConfig["latency"][number];

function isRegExp(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
