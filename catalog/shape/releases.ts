import { z } from "zod";
import { Channel, Commit, Repository } from "./values.ts";

export const ReleaseShape = z.strictObject({
  ref: Commit,
  repositories: z
    .record(Repository, z.strictObject({ ref: Commit }))
    .default({})
    .meta({ description: "Commits of single repositories, in place of ref." }),
});

export const ReleasesFile = z.strictObject({
  channels: z.record(Channel, ReleaseShape).meta({ description: "Release channel → what it is pinned to." }),
});
