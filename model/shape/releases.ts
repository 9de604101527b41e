import { z } from "zod";
import { Channel, COMMIT_ALLOWED, Commit, Repository, text } from "./values.ts";

/** In place of a commit: what is live was built from none that is known, and stays until a commit takes its place. */
export const UNKNOWN_COMMIT = "unknown";
const COMMIT_OR_UNKNOWN = /^(?:[0-9a-f]{40}|unknown)$/;

/** What a channel is pinned to. */
export const ReleaseShape = z.strictObject({
  ref: text(COMMIT_OR_UNKNOWN, COMMIT_ALLOWED).meta({
    description:
      "Full commit id; branches and tags are refused, they never deploy again. `unknown`: what is live stays, until a commit takes its place.",
  }),
  repositories: z
    .record(Repository, z.strictObject({ ref: Commit }))
    .default({})
    .meta({ description: "Commits of single repositories, in place of ref." }),
});

/** releases.yaml. */
export const ReleasesFile = z.strictObject({
  channels: z.record(Channel, ReleaseShape).meta({ description: "Release channel → what it is pinned to." }),
});
