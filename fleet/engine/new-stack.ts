import { emptyStack, putStack } from "../repair/index.ts";
import { initStack } from "./init-stack.ts";

/** An empty stack as the engine wrote it, and for which configuration file and backend. */
interface Template {
  readonly stack: string;
  readonly configFile: string;
  readonly backend: string | undefined;
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
export async function newStack(stack: string, configFile: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const backend = env.PULUMI_BACKEND_URL;
  if (template?.configFile === configFile && template.backend === backend) {
    const text = renamed(template.text, template.stack, stack);
    // What it cannot write for any reason, a full disk too, the CLI tries again and explains.
    if (text !== undefined && (await putStack(stack, text, env).catch(() => false))) return;
  }
  await initStack(stack, configFile);
  const text = await emptyStack(stack, env).catch(() => undefined);
  template = text === undefined ? undefined : { stack, configFile, backend, text };
}

/** The text of an empty stack with another name; undefined when it is not what we know. Pure. */
export function renamed(text: string, from: string, to: string): string | undefined {
  const parts = text.split(`/${from}"`);
  return parts.length === 2 ? parts.join(`/${to}"`) : undefined;
}
