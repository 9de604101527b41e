import { z } from "zod";
import type { OperationFacts } from "../index.ts";

/** A file of docs/schema/. */
export interface PublishedFile {
  readonly name: string;
  readonly text: string;
}

const fileOf = (name: string): string => `${name.replaceAll(" ", "-")}.schema.json`;

/** JSON Schema (2020-12) of one part of an operation. */
function part(schema: z.ZodType, description: string): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", target: "draft-2020-12" });
  return { description, ...rest };
}

/**
 * The published schema of an operation. As a whole it is the schema of what `--json` prints; `$defs` has that of the input, of
 * the output and of each event. Pure.
 */
export function publishedSchema({ name, summary, input, events, output }: OperationFacts): object {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `sitefleet ${name}`,
    description: summary,
    $ref: "#/$defs/output",
    $defs: {
      input: part(input, "what the operation takes"),
      event: part(events, "what it tells while it goes on, one at a time; never, where it tells nothing"),
      output: part(output, "what --json prints when it ends; an error is another document, see docs/reference/cli.md"),
    },
  };
}

/** Every file of docs/schema/, generated from the operations. Pure. */
export function publishedFiles(operations: readonly OperationFacts[]): PublishedFile[] {
  const sorted = [...operations].sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = sorted.map(
    ({ name, summary, changes }) =>
      `| [${name}](${fileOf(name)}) | ${changes ? "yes" : "no"} | ${summary.replaceAll("|", "\\|")} |`,
  );
  return [
    ...sorted.map((operation) => ({
      name: fileOf(operation.name),
      text: `${JSON.stringify(publishedSchema(operation), null, 2)}\n`,
    })),
    { name: "README.md", text: [...HEAD, ...rows, ""].join("\n") },
  ];
}

const HEAD = [
  "# Schemas of the operations",
  "",
  "This page lists the JSON Schemas (2020-12) of all operations, for programs that call sitefleet. Each file as a whole describes what the command prints with `--json`.",
  "`$defs` has `input` (the options by name, and what only programs give), `output` (the same document) and `event` (what the operation tells while it goes on).",
  "A document may get further properties in a later version. An error is a document of its own: [the command line](../reference/cli.md#errors).",
  "",
  "The pages are made from the operations: `node toolchain/run.mjs operations/schema/generate.ts` after a change of `operations/`.",
  "",
  "| operation | changes something | what it does |",
  "|---|---|---|",
];
