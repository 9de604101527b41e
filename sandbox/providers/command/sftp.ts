import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Props } from "../framework/index.ts";
import { overSsh } from "./ssh.ts";

/** A host's files. */
export interface RemoteFiles {
  /** What is at a path; undefined when nothing is. */
  kind(path: string): Promise<"file" | "directory" | undefined>;
  /** Makes directories and their parents, as far as they are missing. */
  makeDirectories(...paths: string[]): Promise<void>;
  /** Uploads files, local path first. New ones get the mode 644, as the real provider's do. */
  put(files: readonly (readonly [local: string, remote: string])[]): Promise<void>;
}

/** Files over `sftp`, one session a call. */
export function remoteFiles(connection: Props, signal: AbortSignal): RemoteFiles {
  // In a batch, a line that starts with `-` may fail; any other failure ends the session with status 1.
  const batch = (lines: readonly string[]) =>
    overSsh(connection, { program: "sftp", options: ["-q", "-b", "-"], stdin: `${lines.join("\n")}\n`, signal });
  const succeed = async (lines: readonly string[], what: string): Promise<void> => {
    const result = await batch(lines);
    if (result.status !== 0) throw new Error(`${what}: ${result.stderr}`);
  };

  return {
    async kind(path) {
      if ((await batch([`cd ${quote(path)}`])).status === 0) return "directory";
      return (await batch([`ls -1 ${quote(path)}`])).status === 0 ? "file" : undefined;
    },
    async makeDirectories(...paths) {
      const lines = new Set(paths.flatMap(ancestors).map((path) => `-mkdir ${quote(path)}`));
      // The last line tells whether the directories are there now.
      await succeed(
        [...lines, ...paths.map((path) => `ls -1 ${quote(`${path}/.`)}`)],
        `failed to create remote directory ${paths[0]}`,
      );
    },
    async put(files) {
      const dir = await mkdtemp(join(tmpdir(), "sitefleet-put-"));
      try {
        const lines: string[] = [];
        for (const [index, [local, remote]] of files.entries()) {
          const staged = join(dir, String(index));
          await copyFile(local, staged);
          await chmod(staged, 0o644);
          lines.push(`put ${quote(staged)} ${quote(remote)}`);
        }
        if (lines.length > 0) await succeed(lines, `failed to copy to remote path ${files[0]?.[1]}`);
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
  };
}

function ancestors(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/")).filter((part) => part !== "" && part !== ".");
}

function quote(path: string): string {
  return `"${path.replaceAll(/["\\*?[\]]/g, "\\$&")}"`;
}
