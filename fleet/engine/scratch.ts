import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { environment } from "../../environment/index.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import { lay, META } from "../backend/copy/working-copy.ts";
import { backendFiles } from "../backend/states/backend-files.ts";
import { stateOf } from "../backend/states/state-files.ts";
import { newStack } from "./new-stack.ts";

/** A backend of one preview's own. */
export interface Scratch {
  /** For PULUMI_BACKEND_URL. */
  readonly url: string;
  readonly dir: string;
  remove(): void;
}

/**
 * A backend in a temporary directory, for the preview of a stack that the real backend does not have, that cannot be opened there
 * as it is, or that lies in a bucket or table, where the engine asks two dozen questions one by one. So a preview writes nothing. It holds the state of the stack and that of the shared one, whose outputs
 * are read, or empty ones. Undefined for backends that cannot be read from here: a preview has to make the stack there.
 *
 * @param configFile absolute
 * @param shared whether the backend has the shared stack. @default it is asked
 * @throws SitefleetError `store.unreachable`, `stack.init`, `settings.encryption`
 */
export async function scratchBackend(
  stack: string,
  configFile: string,
  env: NodeJS.ProcessEnv = environment(),
  shared = true,
): Promise<Scratch | undefined> {
  const backend = await backendFiles(env);
  if (backend === undefined) return undefined;
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-preview-"));
  const scratch = { dir, url: pathToFileURL(dir).href, remove: () => rmSync(dir, { recursive: true, force: true }) };
  try {
    lay(dir, ".pulumi/meta.yaml", META);
    const wanted = [...new Set([SHARED_STACK, stack])];
    const found = await Promise.all(
      wanted.map((name) => (name === stack || shared ? stateOf(backend, name) : undefined)),
    );
    for (const [index, name] of wanted.entries()) {
      const state = found[index];
      if (state && !state.file.directory) lay(dir, state.file.path, state.bytes);
      else await newStack(name, configFile, { ...env, PULUMI_BACKEND_URL: scratch.url });
    }
    return scratch;
  } catch (error) {
    scratch.remove();
    throw error;
  }
}
