import { z } from "zod";
import { FRAMEWORKS } from "../frameworks.ts";
import { Channel, Repository, RootDirectory } from "./values.ts";

/** Columns of sites.csv, in the order in which they are written; they may be read in any. */
export const SITE_COLUMNS = [
  "name",
  "zone",
  "project",
  "repository",
  "root_directory",
  "framework",
  "channel",
  "tags",
] as const;

/** A row of sites.csv. `name` and `zone` are checked as DNS names, `tags` as a list, elsewhere. */
export const SiteRow = z.object({
  name: z.string(),
  zone: z.string(),
  project: z.enum(["own", "shared"]),
  repository: Repository,
  root_directory: RootDirectory,
  framework: z.enum(["", ...FRAMEWORKS]),
  channel: Channel,
  tags: z.string(),
});

/** A row whose columns have the right form. */
export type SiteRow = z.infer<typeof SiteRow>;
