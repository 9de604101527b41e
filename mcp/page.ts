import { z } from "zod";
import { type Offered, toolsOf } from "./server.ts";
import { EDITABLE, ROLES, SETS, type ToolSet } from "./sets.ts";

const KINDS: Readonly<Record<Offered["kind"], string>> = {
  read: "reads",
  ask: "asks a person",
  run: "begins a run; only with `--allow-operations` and a signature",
};

/** The tables of docs/reference/mcp.md: every role, and every tool with what it takes. Pure. */
export function toolTables(): string {
  const by = new Map<string, { tool: Offered; sets: ToolSet[] }>();
  for (const set of SETS)
    for (const tool of toolsOf(set, true)) {
      const known = by.get(tool.name) ?? { tool, sets: [] };
      by.set(tool.name, { ...known, sets: [...known.sets, set] });
    }
  const roles = SETS.map((set) => `| \`${set}\` | ${ROLES[set]} | ${EDITABLE[set].join(", ")} |`);
  const tools = [...by.values()].map(({ tool: { name, summary, kind, input, annotations }, sets }) => {
    const { properties = {} } = z.toJSONSchema(input, { io: "input" });
    const takes = Object.keys(properties).map((field) => `\`${field}\``);
    const hints = Object.entries(annotations).flatMap(([hint, holds]) => (holds ? [hint.replace("Hint", "")] : []));
    const about =
      name === "propose_change"
        ? "put a change of the catalog on a branch of its own, never on the one that is carried out, and analyse it"
        : summary;
    return `| \`${name}\` | ${about} | ${takes.join(", ")} | ${KINDS[kind]} | ${hints.join(", ")} | ${sets.length === SETS.length ? "all" : sets.join(", ")} |`;
  });
  return [
    "| role | what for | may propose to change |",
    "|---|---|---|",
    ...roles,
    "",
    "| tool | what it does | takes | kind | annotations that hold | roles |",
    "|---|---|---|---|---|---|",
    ...tools,
  ].join("\n");
}
