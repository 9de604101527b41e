import { environment } from "../../environment/index.ts";
import { emptyStack, putStack } from "../backend/states/empty-stack.ts";
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
  await initStack(stack, configFile, env);
  const text = await emptyStack(stack, env).catch(() => undefined);
  template = text === undefined ? undefined : { stack, configFile, text };
}

/** The text of an empty stack with another name; undefined when it is not what we know. Pure. */
export function renamed(text: string, from: string, to: string): string | undefined {
  const parts = text.split(`/${from}"`);
  return parts.length === 2 ? parts.join(`/${to}"`) : undefined;
}
