import { z } from "zod";

/** How a field of an input is given on a command line. */
export interface Flag {
  /** As commander takes it: `--stack <name>`, `-y, --yes`, `--no-check`; of an argument `[commit]`. */
  readonly flags: string;
  /** What it does, in a line. */
  readonly help: string;
  /** Reads one value; the value before it for a field that collects. @default the text itself; collected where the field is a list @throws SitefleetError `usage` */
  readonly read?: (text: string, before: unknown) => unknown;
}

/** The command line's side of the input fields. */
export const FLAGS = z.registry<Flag>();

/** A field of an input with its flag. The help is its description in the JSON Schema as well, where it has none of its own. */
export function flag<Schema extends z.ZodType>(
  schema: Schema,
  flags: string,
  help: string,
  read?: Flag["read"],
): Schema {
  const described = schema.description === undefined ? (schema.describe(help) as Schema) : schema;
  FLAGS.add(described, { flags, help, read });
  return described;
}
