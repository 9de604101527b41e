import { z } from "zod";
import { Commit, RootDirectory, text } from "./values.ts";

/** Seconds for one step; installing the dependencies of a large site over a slow line takes minutes. */
const STEP_SECONDS = 900;

const plain = (limit: number) =>
  text(new RegExp(`^[^\\p{Cc}\\u2028\\u2029]{1,${limit}}$`, "u"), `one line of at most ${limit} characters`);

const Environment = z
  .array(text(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, "the name of an environment variable"))
  .default([])
  .meta({ description: "Names of environment variables that are handed on." });

/** One command of a build. */
export const BuildStepShape = z.strictObject({
  name: plain(80).optional().meta({ description: "For people; default: the command." }),
  run: z
    .array(text(/^[^\0]{0,2000}$/, "at most 2000 characters"))
    .min(1)
    .max(100)
    .meta({ description: "Program and arguments; no shell reads them.", examples: [["npm", "run", "build"]] }),
  directory: RootDirectory.default("").meta({ description: "Where it runs, relative to the build's directory." }),
  env: Environment,
  timeoutSeconds: z.int().min(1).max(7200).default(STEP_SECONDS).meta({ description: "Hard limit of time." }),
});

/** How a service's artifact is made. */
export const BuildShape = z.strictObject({
  repository: plain(1000).meta({
    description: "Directory of the checkout, absolute or relative to the catalog.",
    examples: ["../../votes"],
  }),
  git: plain(1000)
    .optional()
    .meta({
      description: "Address that the checkout is cloned from.",
      examples: ["https://github.com/acme/votes.git"],
    }),
  ref: Commit.optional().meta({ description: "Full commit id that is built; default: the checkout's HEAD." }),
  directory: RootDirectory.default("").meta({ description: "Directory inside the repository; empty = its root." }),
  output: text(
    /^(?:\.|(?!\.{1,2}(?:\/|$))[A-Za-z0-9_@.][A-Za-z0-9_@.-]*(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9_@.][A-Za-z0-9_@.-]*)*)$/,
    'a relative directory such as "dist", or "."',
  )
    .optional()
    .meta({
      description: "Directory of the result, relative to directory; default: docs/guides/build-an-artifact.md.",
      examples: ["dist"],
    }),
  env: Environment,
  steps: z
    .array(BuildStepShape)
    .max(50)
    .optional()
    .meta({ description: "Commands in their order; default: by the files found, docs/guides/build-an-artifact.md." }),
});
