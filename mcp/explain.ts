import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { SitefleetError } from "../errors/index.ts";
import { PROJECT_ROOT } from "../stacks/root.ts";

/** Where our own pages are. */
export const DOCS = join(PROJECT_ROOT, "docs");

/** What `explain` takes. */
export const explainInput = z.strictObject({
  about: z
    .string()
    .regex(/^[a-z][a-zA-Z0-9._-]{1,60}$/)
    .describe(
      "an error's code (approval.needed), a rule of gates.yaml (many-sites), of the preflight, or a line of the doctor",
    ),
});

/** What our pages say. */
export interface Explained {
  readonly about: string;
  readonly says: { readonly page: string; readonly text: string }[];
}

/** The lines of the reference about an error code or a rule. @throws SitefleetError `mcp.unknown` */
export function explain({ about }: z.output<typeof explainInput>): Explained {
  const dir = join(DOCS, "reference");
  const says = readdirSync(dir)
    .filter((name) => name.endsWith(".md"))
    .flatMap((name) =>
      readFileSync(join(dir, name), "utf8")
        .split("\n")
        .filter((line) => line.startsWith(`| \`${about}\``) || line.startsWith(`| ${about} `))
        .map((line) => ({ page: `docs/reference/${name}`, text: cellsOf(line).slice(1).join(": ") })),
    );
  if (says.length > 0) return { about, says };
  throw new SitefleetError({
    code: "mcp.unknown",
    message: "no page of the reference explains this",
    subject: about,
    hint: "take an error's code as it was told, or a rule's id",
  });
}

const cellsOf = (row: string): string[] =>
  row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
