import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, posix } from "node:path";
import type { Properties, Props } from "../framework/index.ts";
import { any, defineResource, isObject, string } from "../framework/index.ts";
import { uniqueId } from "./ids.ts";
import { connection, fillConnection, triggers } from "./inputs.ts";
import type { RemoteFiles } from "./sftp.ts";
import { remoteFiles } from "./sftp.ts";

const properties: Properties = {
  connection,
  triggers,
  source: any({ required: true }),
  remotePath: string({ required: true }),
};

/**
 * `command:remote:CopyToRemote` as of pulumi-command 1.2.1: never deletes, drops modes, and does not see what happens on
 * the host afterwards.
 */
export const copyToRemote = defineResource<undefined>({
  properties,
  check({ inputs, fail }) {
    fillConnection(inputs);
    const source = inputs.source;
    if (!isObject(source)) return;
    if (typeof source.path !== "string" && typeof source.text !== "string") {
      fail("asset", "asset must be a path-based file asset or a text asset");
    }
  },
  async create({ inputs, signal }) {
    await copy(inputs, signal);
    return { id: uniqueId(""), outputs: {} };
  },
  async update({ inputs, state, signal }) {
    const moved = inputs.remotePath !== state.remotePath;
    if (moved || hashOf(inputs.source) !== hashOf(state.source)) await copy(inputs, signal);
    return {};
  },
});

function hashOf(source: unknown): unknown {
  return isObject(source) ? source.hash : undefined;
}

async function copy(inputs: Props, signal: AbortSignal): Promise<void> {
  const remote = remoteFiles(inputs.connection as Props, signal);
  const source = inputs.source as Props;
  const target = String(inputs.remotePath);
  const dir = await mkdtemp(join(tmpdir(), "sitefleet-copy-"));
  try {
    if (typeof source.text === "string") await copyText(remote, source.text, target, dir);
    else if ((await stat(String(source.path))).isDirectory()) await copyDirectory(remote, String(source.path), target);
    else await copyFile(remote, String(source.path), target);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function copyText(remote: RemoteFiles, text: string, target: string, dir: string): Promise<void> {
  if ((await remote.kind(target)) === "directory") {
    throw new Error(`remote path ${target} is a directory; when using a text asset, remotePath must be a file path`);
  }
  const file = join(dir, "text");
  await writeFile(file, text);
  await remote.makeDirectories(posix.dirname(target));
  await remote.put([[file, target]]);
}

async function copyFile(remote: RemoteFiles, file: string, target: string): Promise<void> {
  const kind = await remote.kind(target);
  if (kind === undefined) await remote.makeDirectories(posix.dirname(target));
  await remote.put([[file, kind === "directory" ? posix.join(target, basename(file)) : target]]);
}

// `dir` becomes target/dir, `dir/` becomes target.
async function copyDirectory(remote: RemoteFiles, dir: string, target: string): Promise<void> {
  const dest = dir.endsWith("/") ? target : posix.join(target, basename(dir));
  if ((await remote.kind(dest)) === "file") throw new Error(`remote path ${dest} exists but is not a directory`);
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const below = (parent: string, name: string): string =>
    posix.join(dest, join(parent, name).slice(join(dir, "/").length));
  const directories = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => below(entry.parentPath, entry.name));
  await remote.makeDirectories(dest, ...directories);
  const files = entries.filter((entry) => !entry.isDirectory());
  await remote.put(files.map((entry) => [join(entry.parentPath, entry.name), below(entry.parentPath, entry.name)]));
}
