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
  name: z.string().meta({
    description: "Name below the zone, lower case; IDN in Unicode or punycode; @ is the zone itself.",
    examples: ["quiz"],
  }),
  zone: z.string().meta({ description: "A zone of zones.yaml.", examples: ["qmoney.de"] }),
  project: z.enum(["own", "shared"]).meta({
    description: "A Vercel project of its own, or one shared by all sites with the same repository and root directory.",
  }),
  repository: Repository,
  root_directory: RootDirectory,
  framework: z.enum(["", ...FRAMEWORKS]).meta({ description: "Framework slug of Vercel; empty = other." }),
  channel: Channel,
  tags: z.string().meta({
    description: "Tags separated by ; (a-z, 0-9, hyphens). canary puts the site into the canary cell.",
    examples: ["canary;paid-traffic"],
  }),
});

/** A row whose columns have the right form. */
export type SiteRow = z.infer<typeof SiteRow>;
