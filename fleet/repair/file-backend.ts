import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Directory of a file backend; undefined for every other backend. Pure. */
export function fileBackend(env: NodeJS.ProcessEnv): string | undefined {
  const url = (env.PULUMI_BACKEND_URL ?? "").replace(/\?.*$/, "");
  if (!url.startsWith("file://")) return undefined;
  if (url.startsWith("file://~")) return join(env.HOME ?? "", url.slice("file://~".length));
  return url.startsWith("file:///") ? fileURLToPath(url) : undefined;
}
