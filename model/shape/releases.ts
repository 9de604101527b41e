import { z } from "zod";
import { Channel, Commit, Repository } from "./values.ts";

/** What a channel is pinned to. */
export const ReleaseShape = z.strictObject({
  ref: Commit.meta({ description: "Full commit id; branches and tags are refused, they never deploy again." }),
  repositories: z
    .record(Repository, z.strictObject({ ref: Commit }))
    .default({})
    .meta({ description: "Commits of single repositories, in place of ref." }),
});

/** releases.yaml. */
export const ReleasesFile = z.strictObject({
  channels: z.record(Channel, ReleaseShape).meta({ description: "Release channel → what it is pinned to." }),
});
