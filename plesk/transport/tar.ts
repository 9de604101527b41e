import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import type { Entry } from "../artifact/manifest.ts";
import { scanTree } from "../artifact/scan.ts";
import { fileList } from "../commands/rsync.ts";
import { extractArgs, fetchCommand, packArgs, unpackCommand } from "../commands/tar.ts";
import { EXIT } from "../exit-codes.ts";
import { type ProcessResult, runProcess } from "../remote/process.ts";
import type { Session } from "../remote/session.ts";
import type { Different, Found, Transport } from "./transport.ts";

function check(label: string, result: ProcessResult): void {
  if (result.code === 0) return;
  throw new SitefleetError({
    code: "plesk.tar",
    message: `${label} failed (exit ${result.code})`,
    details: result.stderrTail
      .split("\n")
      .filter((line) => line !== "")
      .slice(-10),
    exitCode: EXIT.upload,
  });
}

function compare(mine: Entry, there: Entry | undefined): Different | undefined {
  const bytes = mine.kind === "file" ? mine.size : 0;
  if (there === undefined || there.kind !== mine.kind) return { created: there === undefined, content: true, bytes };
  if (mine.kind === "file" && there.kind === "file") {
    if (mine.sha256 !== there.sha256) return { created: false, content: true, bytes };
    return mine.mode === there.mode ? undefined : { created: false, content: false, bytes };
  }
  if (mine.kind === "link" && there.kind === "link" && mine.target !== there.target)
    return { created: false, content: true, bytes };
  return undefined;
}

/**
 * tar over ssh, for hosts without rsync: sends everything, and to look at a directory fetches all of it. Slower than rsync by what is
 * unchanged; the releases on the host are the same.
 *
 * @param timeoutMs Hard time-out of each call.
 */
export function tarTransport(session: Session, timeoutMs: number): Transport {
  return {
    name: "tar",
    upload: async (from, entries, to) => {
      const work = await mkdtemp(join(session.dir, "tar-"));
      const archive = join(work, "a");
      try {
        const stdin = fileList(entries);
        check(
          "packing",
          await runProcess({ label: "packing", command: "tar", args: packArgs(from, archive), stdin, timeoutMs }),
        );
        check(
          "the upload",
          await session.transfer({ label: "the upload", command: unpackCommand(to), stdinFile: archive, timeoutMs }),
        );
      } finally {
        await rm(work, { recursive: true, force: true });
      }
      const files = entries.filter((entry) => entry.kind === "file");
      return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
    },
    observe: async (_, entries, dir) => {
      const work = await mkdtemp(join(session.dir, "tar-"));
      const archive = join(work, "a");
      const tree = await mkdtemp(join(work, "tree-"));
      try {
        check(
          "fetching",
          await session.transfer({ label: "fetching", command: fetchCommand(dir), stdoutFile: archive, timeoutMs }),
        );
        check(
          "unpacking",
          await runProcess({ label: "unpacking", command: "tar", args: extractArgs(archive, tree), timeoutMs }),
        );
        const fetched = await scanTree(tree);
        const there = new Map(fetched.map((entry) => [entry.path, entry]));
        const different = new Map<string, Different>();
        for (const entry of entries) {
          const difference = compare(entry, there.get(entry.path));
          if (difference) different.set(entry.path, difference);
        }
        const found = (entry: Entry): Found => ({ kind: entry.kind, bytes: entry.kind === "file" ? entry.size : 0 });
        return { there: new Map(fetched.map((entry) => [entry.path, found(entry)])), different };
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    },
  };
}
