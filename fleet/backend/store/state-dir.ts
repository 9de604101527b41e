import { createHash } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { environment } from "../../../environment/index.ts";
import { PROJECT_ROOT } from "../../../stacks/root.ts";

/**
 * Where this machine keeps a backend's runs and index. With a file backend that is beside the stacks, so that all machines that
 * share the state share them. Otherwise it is SITEFLEET_STATE_DIR, else `.sitefleet/` of the project, a folder a backend. With a
 * bucket or table (`stateStore`) the folder is a copy of what is there, without one it is all there is.
 */
export function stateDir(env: NodeJS.ProcessEnv = environment()): string {
  const backend = env.PULUMI_BACKEND_URL ?? "";
  if (env.SITEFLEET_STATE_DIR) return env.SITEFLEET_STATE_DIR;
  if (backend.startsWith("file://") && !backend.startsWith("file://~")) {
    return join(fileURLToPath(backend.replace(/\?.*$/, "")), ".sitefleet");
  }
  const store = env.SITEFLEET_STATE_URL || backend;
  const name = createHash("sha256").update(store).digest("hex").slice(0, 12);
  return join(PROJECT_ROOT, ".sitefleet", name);
}

/** Writes a file in one step: readers see the old or the new content, never half of it. */
export function writeAtomically(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600, flush: true });
  renameSync(temporary, file);
}
