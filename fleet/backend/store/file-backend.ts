import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Directory of a file backend; undefined for every other backend. Pure. */
export function fileBackend(env: NodeJS.ProcessEnv): string | undefined {
  const url = (env.PULUMI_BACKEND_URL ?? "").replace(/\?.*$/, "");
  if (!url.startsWith("file://")) return undefined;
  if (url.startsWith("file://~")) return join(env.HOME ?? "", url.slice("file://~".length));
  return url.startsWith("file:///") ? fileURLToPath(url) : undefined;
}

/** Names in a folder; none when it cannot be read. */
export function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
