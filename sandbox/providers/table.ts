import { readFile, writeFile } from "node:fs/promises";
import type { Properties, Property, ResourceDefinition } from "./framework/index.ts";
import { loadProvider, providerNames } from "./registry.ts";

const BEGIN = "<!-- table: written by `node sandbox/providers/table.ts` -->";
const END = "<!-- /table -->";

function names(properties: Properties, keep: (property: Property) => unknown): string {
  const kept = Object.keys(properties).filter((key) => keep(properties[key]!));
  return kept.length === 0 ? "–" : kept.map((key) => `\`${key}\``).join(", ");
}

// `command:remote:Command` is `remote.Command`, `vercel:index/alias:Alias` is `Alias`.
function short(token: string): string {
  const [, module = "", name = ""] = token.split(":");
  return module.startsWith("index") ? `\`${name}\`` : `\`${module}.${name}\``;
}

// Secret parts inside objects and lists count as `outer.inner`.
function secrets(properties: Properties, prefix = ""): string[] {
  return Object.entries(properties).flatMap(([key, property]) => {
    if (property.secret === true) return [`\`${prefix}${key}\``];
    const fields = property.fields ?? property.element?.fields;
    return fields === undefined ? [] : secrets(fields, `${prefix}${key}.`);
  });
}

function row(token: string, definition: ResourceDefinition<unknown>): string {
  const { properties } = definition;
  const all = definition.update === undefined;
  const replaces = all ? "every input" : names(properties, (property) => property.replaces);
  const order = definition.deleteBeforeReplace ? "delete first" : "create first";
  const cells = [
    short(token),
    names(properties, (property) => property.required),
    `${replaces}${replaces === "–" ? "" : ` (${order})`}`,
    secrets(properties).join(", ") || "–",
    names(properties, (property) => property.output),
    definition.read === undefined ? "no" : "yes",
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The README's table of all resource types, out of the definitions themselves. */
async function table(): Promise<string> {
  const lines: string[] = [];
  for (const name of providerNames) {
    const { version, resources, functions } = await loadProvider(name);
    lines.push(`### ${name} ${version}`, "");
    lines.push("| Type | Required | Replaces | Secret | Outputs | Read |", "|---|---|---|---|---|---|");
    for (const [token, definition] of Object.entries(resources)) lines.push(row(token, definition));
    const tokens = Object.keys(functions).map(short);
    if (tokens.length > 0) lines.push("", `Functions: ${tokens.join(", ")}.`);
    lines.push("");
  }
  return lines.join("\n");
}

/** The README with its table made anew. Throws when the markers are missing. */
export async function withTable(readme: string): Promise<string> {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error("the README lacks the table's markers");
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${await table()}${readme.slice(end)}`;
}

if (import.meta.main) {
  const path = new URL("README.md", import.meta.url);
  await writeFile(path, await withTable(await readFile(path, "utf8")));
}
