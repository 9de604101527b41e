import { z } from "zod";
import type { Problem } from "../../model/index.ts";
import { owned } from "./events.ts";

/** Problems of the catalog. */
export const problemsSchema = owned<readonly Problem[]>(
  z.array(
    z.object({
      rule: z.string().describe("the rule that found it, see docs/reference/catalog.md"),
      file: z.string(),
      line: z.int(),
      field: z.string().describe("column of a CSV file, path in a YAML file"),
      wrong: z.string(),
      allowed: z.string(),
    }),
  ),
);
