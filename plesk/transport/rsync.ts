import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { compareArgs, fileList, type Itemised, listArgs, parseItemised, uploadArgs } from "../commands/rsync.ts";
import { EXIT } from "../exit-codes.ts";
import type { Session } from "../remote/session.ts";
import type { Transport } from "./transport.ts";

/** Runs rsync and collects its itemised lines by path. @throws SitefleetError `plesk.rsync` when it fails. */
async function itemise(
  session: Session,
  timeoutMs: number,
  call: { readonly label: string; readonly args: readonly string[]; readonly stdin?: string; readonly reads?: boolean },
): Promise<Map<string, Itemised>> {
  const items = new Map<string, Itemised>();
  const onLine = (line: string): void => {
    const item = parseItemised(line);
    if (item) items.set(item.path, item);
  };
  const result = await session.rsync({ ...call, timeoutMs, onLine });
  if (result.code === 0) return items;
  throw new SitefleetError({
    code: "plesk.rsync",
    message: `${call.label} failed (rsync exit ${result.code})`,
    details: result.stderrTail
      .split("\n")
      .filter((line) => line !== "")
      .slice(-10),
    hint: "an account that prints something at login breaks rsync: its start-up files must be silent",
    exitCode: EXIT.upload,
  });
}

/**
 * rsync over the session's connection: sends what is new, copies on the host what earlier releases have, compares by content.
 *
 * @param timeoutMs Hard time-out of each call.
 */
export function rsyncTransport(session: Session, timeoutMs: number): Transport {
  const { sshConfig } = session;
  return {
    name: "rsync",
    upload: async (from, entries, to, alike) => {
      const args = uploadArgs({ sshConfig, from, to, copyDests: alike });
      const sent = await itemise(session, timeoutMs, { label: "the upload", args, stdin: fileList(entries) });
      const files = [...sent.values()].filter((item) => item.kind === "file" && item.code.startsWith("<"));
      return { files: files.length, bytes: files.reduce((sum, item) => sum + item.bytes, 0) };
    },
    // Two independent looks: the first finds entries that were passed over, the second those that are not of the artifact.
    observe: async (from, entries, dir) => {
      const emptyDir = await mkdtemp(join(session.dir, "empty-"));
      const [different, there] = await Promise.all([
        itemise(session, timeoutMs, {
          label: "comparing",
          args: compareArgs({ sshConfig, from, to: dir }),
          stdin: fileList(entries),
          reads: true,
        }),
        itemise(session, timeoutMs, {
          label: "listing",
          args: listArgs({ sshConfig, from: dir, emptyDir }),
          reads: true,
        }),
      ]);
      there.delete(".");
      return { there, different };
    },
  };
}
