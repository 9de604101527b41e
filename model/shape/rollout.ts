import { z } from "zod";
import { text } from "./values.ts";

const Percent = z.number().min(0).max(100);
const FloorMs = z.number().min(0);
/** A day. For a longer wait a rollout is paused. */
const Seconds = z.int().min(0).max(86_400);

const words = {
  failurePercent: "Percent of a wave's sites that may fail.",
  slowdownPercent: "Percent that a wave's sites may be slower than usual, in the median.",
  slowdownFloorMs: "Milliseconds above what is usual that must be passed as well.",
};

const LimitsShape = z.strictObject({
  failurePercent: Percent.default(5).meta({ description: words.failurePercent }),
  slowdownPercent: z.number().positive().default(30).meta({ description: words.slowdownPercent }),
  slowdownFloorMs: FloorMs.default(100).meta({ description: words.slowdownFloorMs }),
});

const WaveShape = z.strictObject({
  name: text(/^[a-z0-9][a-z0-9-]{0,31}$/, "lower case letters, digits and hyphens, at most 32").meta({
    description: "Name of the wave.",
    examples: ["canary"],
  }),
  share: z
    .union([z.literal("canary"), z.number().positive().max(100)])
    .meta({ description: "canary = the canary cell; else percent of all sites that change, earlier waves included." }),
  pauseSeconds: Seconds.default(0).meta({ description: "Seconds to wait before the wave." }),
  soakSeconds: Seconds.default(60).meta({ description: "Seconds that the wave serves visitors before it is judged." }),
  limits: z
    .strictObject({
      failurePercent: Percent.optional().meta({ description: words.failurePercent }),
      slowdownPercent: z.number().positive().optional().meta({ description: words.slowdownPercent }),
      slowdownFloorMs: FloorMs.optional().meta({ description: words.slowdownFloorMs }),
    })
    .prefault({})
    .meta({ description: "Limits of this wave, in place of the general ones." }),
});

const ServicesShape = z.strictObject({
  after: z
    .string()
    .optional()
    .meta({
      description: "Name of the wave of sites that they follow; default: the last one.",
      examples: ["canary"],
    }),
  pauseSeconds: Seconds.default(0).meta({ description: "Seconds to wait before each group of services." }),
  soakSeconds: Seconds.default(0).meta({
    description: "Seconds that a group serves visitors before it is judged.",
  }),
});

/** The waves that hold when rollout.yaml names none. */
const WAVES: z.input<typeof WaveShape>[] = [
  { name: "canary", share: "canary", soakSeconds: 60 },
  { name: "few", share: 5, soakSeconds: 120 },
  { name: "quarter", share: 25, soakSeconds: 120 },
  { name: "all", share: 100, soakSeconds: 60 },
];

/** rollout.yaml. */
export const RolloutFile = z.strictObject({
  waves: z.array(WaveShape).min(1).max(20).prefault(WAVES).meta({ description: "The waves, in order." }),
  services: ServicesShape.optional().meta({
    description: "The wave of the hosts' services; without it a rollout leaves them alone.",
  }),
  limits: LimitsShape.prefault({}).meta({ description: "What every wave must hold to." }),
  rollback: z
    .boolean()
    .default(true)
    .meta({ description: "Does a wave that fails, or an `up` that makes sites worse, go back by itself?" }),
});
