import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import pLimit from "p-limit";
import { listStacks } from "../engine/list-stacks.ts";
import { StackCli } from "./cli.ts";
import { PROJECT_NAME } from "./project.ts";
import type { Resource } from "./state.ts";

/** Exports at once where the backend cannot be read directly. */
const EXPORTS_AT_ONCE = 4;

/** What says which object a resource is: types keep their own ids. */
export const holderKey = (type: string, id: string): string => `${type} ${id}`;

/** Directory of a file backend; undefined for every other backend. Pure. */
export function fileBackend(env: NodeJS.ProcessEnv): string | undefined {
  const url = (env.PULUMI_BACKEND_URL ?? "").replace(/\?.*$/, "");
  if (!url.startsWith("file://")) return undefined;
  if (url.startsWith("file://~")) return join(env.HOME ?? "", url.slice("file://~".length));
  return url.startsWith("file:///") ? fileURLToPath(url) : undefined;
}

/**
 * Which objects the other stacks hold: {@link holderKey} → stack. Asked only when something is to be adopted.
 *
 * @throws SitefleetError `backend.unreachable`, `repair.engine`
 */
export async function otherHolders(
  stack: string,
  configFile: string,
  env: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, string>> {
  const dir = fileBackend(env);
  const states = dir === undefined ? await exported(stack, configFile, env) : onDisk(dir, stack);
  const holders = new Map<string, string>();
  for (const [name, resources] of states) {
    for (const { type, id, custom, external } of resources) {
      if (custom && !external && id !== undefined) holders.set(holderKey(type, id), `stack ${name}`);
    }
  }
  return holders;
}

function onDisk(dir: string, stack: string): [string, readonly Resource[]][] {
  const folder = join(dir, ".pulumi", "stacks", PROJECT_NAME);
  let files: string[] = [];
  try {
    files = readdirSync(folder).filter((name) => /\.json(\.gz)?$/.test(name));
  } catch {
    return [];
  }
  return files.flatMap((file): [string, readonly Resource[]][] => {
    const name = file.replace(/\.json(\.gz)?$/, "");
    if (name === stack) return [];
    const bytes = readFileSync(join(folder, file));
    const { checkpoint } = JSON.parse((file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
    return [[name, (checkpoint?.latest?.resources ?? []) as Resource[]]];
  });
}

async function exported(
  stack: string,
  configFile: string,
  env: NodeJS.ProcessEnv,
): Promise<[string, readonly Resource[]][]> {
  const limit = pLimit(EXPORTS_AT_ONCE);
  const others = [...(await listStacks(env)).values()].filter(({ name, resources }) => name !== stack && resources > 0);
  return Promise.all(
    others.map(({ name }) =>
      limit(async (): Promise<[string, readonly Resource[]]> => {
        const { deployment } = await new StackCli(name, configFile, env).export();
        return [name, deployment.resources ?? []];
      }),
    ),
  );
}
