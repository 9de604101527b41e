import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { environment } from "../../environment/index.ts";
import { META, remoteStore } from "../backend/copy/working-copy.ts";
import { emptyStack, putStack } from "../backend/states/empty-stack.ts";
import type { Store } from "../backend/store/store.ts";
import { initStack } from "./init-stack.ts";

/** An empty stack as the engine wrote it, and for which configuration file. Which backend it is in makes no difference. */
interface Template {
  readonly stack: string;
  readonly configFile: string;
  readonly text: string;
}

let template: Template | undefined;

/**
 * Makes an empty stack in the backend. The first one of a process is made by the engine's CLI, which takes a third of a
 * second of CPU time, most of it to make a key that an empty stack has no use for. The others are copies of what it wrote:
 * empty stacks differ in their name alone. Where that cannot be read or written from here the CLI makes each.
 *
 * @param configFile absolute
 * @throws SitefleetError `stack.init`, `settings.encryption`
 */
export async function newStack(
  stack: string,
  configFile: string,
  env: NodeJS.ProcessEnv = environment(),
): Promise<void> {
  if (template?.configFile === configFile) {
    const text = renamed(template.text, template.stack, stack);
    // What it cannot write for any reason, a full disk too, the CLI tries again and explains.
    if (text !== undefined && (await putStack(stack, text, env).catch(() => false))) return;
  }
  if (await makeAside(stack, configFile, env)) return;
  await initStack(stack, configFile, env);
  const text = await emptyStack(stack, env).catch(() => undefined);
  template = text === undefined ? undefined : { stack, configFile, text };
}

/**
 * Has the CLI make the stack in a directory, and puts it into the bucket or table, where the CLI would ask two dozen questions one by one.
 * False where that cannot be done: then nothing was written.
 */
async function makeAside(stack: string, configFile: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const store = await remoteStore(env);
  if (store === undefined) return false;
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-stack-"));
  try {
    const aside = { ...env, PULUMI_BACKEND_URL: pathToFileURL(dir).href };
    const [folders] = await Promise.all([hasFolders(store), initStack(stack, configFile, aside)]);
    if (!folders) return false;
    const text = await emptyStack(stack, aside);
    if (text === undefined) return false;
    template = { stack, configFile, text };
    return await putStack(stack, text, env);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Whether a backend keeps stacks in folders of their projects. An empty one is made so; one of an old form is left to the engine. */
async function hasFolders(store: Store): Promise<boolean> {
  const found = await store.get(".pulumi/meta.yaml");
  if (found !== undefined) return found.text === META;
  if ((await store.list(".pulumi/stacks/")).length > 0) return false;
  await store.put(".pulumi/meta.yaml", META, { absent: true });
  return true;
}

/** The text of an empty stack with another name; undefined when it is not what we know. Pure. */
export function renamed(text: string, from: string, to: string): string | undefined {
  const parts = text.split(`/${from}"`);
  return parts.length === 2 ? parts.join(`/${to}"`) : undefined;
}
