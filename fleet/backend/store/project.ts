import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../../stacks/root.ts";

/** The project's name in Pulumi.yaml: backends keep its stacks and locks in folders of that name. */
export const PROJECT_NAME: string = nameIn(readFileSync(join(PROJECT_ROOT, "Pulumi.yaml"), "utf8"));

/** Read without a parser, which takes a command longer than all its other files do until it begins. @throws Error when there is no name */
function nameIn(text: string): string {
  const [, , name] = /^name:[ \t]+(["']?)([\w.-]+)\1[ \t]*(?:#.*)?$/m.exec(text) ?? [];
  if (name === undefined) throw new Error("Pulumi.yaml has no line `name: …`");
  return name;
}

/** Organisation of every stack in a directory, bucket or table. */
export const ORGANIZATION = "organization";

/** Folder of the states of its stacks in a directory, bucket or table. */
export const STACKS = `.pulumi/stacks/${PROJECT_NAME}`;

/** Folder of the engine's locks there, with a folder a stack. */
export const LOCKS = `.pulumi/locks/${ORGANIZATION}/${PROJECT_NAME}`;

/** Folder of the histories there, with a folder a stack. */
export const HISTORIES = `.pulumi/history/${PROJECT_NAME}`;

/** The stack whose whole history is below a prefix; undefined of another prefix. Pure. */
export function stackOfHistory(prefix: string): string | undefined {
  const name = prefix.startsWith(`${HISTORIES}/`) ? prefix.slice(HISTORIES.length + 1) : "";
  return /^[^/]+\/$/.test(name) ? name.slice(0, -1) : undefined;
}

/** How the names of what it writes end, as part of a regular expression: PULUMI_DIY_BACKEND_GZIP and …_ZSTD compress it. */
export const JSON_END = String.raw`\.json(?:\.gz|\.zst)?`;

/** Where the engine keeps a stack's things there (pkg/backend/diy, 3.276); folders without a slash at their end. Pure. */
export const placesOf = (stack: string) => ({
  state: `${STACKS}/${stack}.json`,
  /** The state before the last update. */
  backup: `${STACKS}/${stack}.json.bak`,
  locks: `${LOCKS}/${stack}`,
  /** What the engine adds with each update: what it did, and the state after it. */
  history: `${HISTORIES}/${stack}`,
  /** The state before each update. */
  backups: `.pulumi/backups/${PROJECT_NAME}/${stack}`,
});
