import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { scanTree } from "../../../plesk/artifact/scan.ts";
import { hostSchema } from "../../../plesk/input.ts";
import { Session } from "../../../plesk/remote/session.ts";
import { rsyncTransport } from "../../../plesk/transport/rsync.ts";
import { startSshd, type TestHost } from "./support/sshd.ts";
import { tempDir } from "./support/temp.ts";

// rsync over a real connection, with a host whose rsync dies although the connection stands. What breaks when this fails: a
// preview of 22 services fails for a moment's trouble of one, or a file that was never sent is taken for sent.

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let host: TestHost;
let session: Session;
let dir: string;
/** Each file in it is one call of rsync on the host that is to die. */
let failures: string;

beforeAll(async () => {
  dir = tempDir("pleskrsync-");
  failures = join(dir, "failures");
  mkdirSync(join(dir, "bin"));
  const real = execFileSync("sh", ["-c", "command -v rsync"], { encoding: "utf8" }).trim();
  // rmdir takes one away, whoever else tries at the same moment.
  writeFileSync(
    join(dir, "bin/rsync"),
    `#!/bin/sh\nfor one in ${failures}/*; do rmdir "$one" 2>/dev/null && exit 1; done\nexec ${real} "$@"\n`,
  );
  chmodSync(join(dir, "bin/rsync"), 0o755);
  host = await startSshd(`${dir}/bin:${process.env.PATH}`);
  session = await Session.open(hostSchema.parse(host.host), { connectMs: 20_000, commandMs: 20_000 });
});
afterAll(async () => {
  await session?.close();
  host?.stop();
});
beforeEach(() => {
  rmSync(failures, { recursive: true, force: true });
  mkdirSync(failures);
});

const fail = (calls: number) => {
  for (let call = 0; call < calls; call += 1) mkdirSync(join(failures, String(call)));
};

/** An artifact, and the same on the host but for one file. */
async function trees(name: string) {
  const [from, to] = [join(dir, name), join(host.root, name)];
  for (const [tree, text] of [
    [from, "new"],
    [to, "old"],
  ] as const) {
    mkdirSync(tree);
    writeFileSync(join(tree, "same.txt"), "same");
    writeFileSync(join(tree, "page.html"), `${text} page`);
  }
  return { from, to, entries: await scanTree(from) };
}

test("a look whose stream breaks is taken again, and sees what is there", async () => {
  const { from, to, entries } = await trees("look");
  fail(2);
  const { there, different } = await rsyncTransport(session, 20_000).observe(from, entries, to);
  expect([...there.keys()].sort()).toEqual(["page.html", "same.txt"]);
  expect([...different.keys()]).toEqual(["page.html"]);
  expect(readdirSync(failures)).toEqual([]);
});

test("an upload is not begun again behind the transaction's back", async () => {
  const { from, to, entries } = await trees("upload");
  fail(1);
  const upload = rsyncTransport(session, 20_000).upload(from, entries, to, []);
  await expect(upload).rejects.toMatchObject({ code: "plesk.rsync" });
  expect(existsSync(join(failures, "0"))).toBe(false);
});

// Last: of its two looks the one that is slower goes on for a moment.
test("a look that breaks every time fails, and says with what", async () => {
  const { from, to, entries } = await trees("broken");
  fail(50);
  const look = rsyncTransport(session, 20_000).observe(from, entries, to);
  await expect(look).rejects.toMatchObject({ code: "plesk.rsync", message: expect.stringContaining("12") });
});
