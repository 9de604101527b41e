import { z } from "zod";
import { DEFAULT_CELLS, MOST_CELLS } from "../cells.ts";

/** estate.yaml. */
export const EstateFile = z.strictObject({
  cells: z
    .int()
    .min(1)
    .max(MOST_CELLS)
    .default(DEFAULT_CELLS)
    .meta({
      description: "Stacks that sites are hashed into. Set once, before the first site is brought up.",
      examples: [16],
    }),
});

/** What holds for an estate as a whole. */
export type Estate = z.output<typeof EstateFile>;
