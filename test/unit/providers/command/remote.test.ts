// Breaks when remote commands do not reach a real sshd as the real provider's do, or a wrong host key is accepted.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { command } from "../../../../sandbox/providers/command/index.ts";
import type { Sshd } from "../../../engine/conformance/sshd.ts";
import { startSshd } from "../../../engine/conformance/sshd.ts";
import { reveal, secret, TestEngine } from "../engine.ts";

// How the engine writes assets and archives.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const archive = (path: string, hash: string) => ({ [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7", path, hash });

let dir: string;
let sshd: Sshd;
let engine: TestEngine;
let copies: TestEngine;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sitefleet-remote-"));
  sshd = await startSshd(join(dir, "ssh"));
  engine = await TestEngine.start(command, "command:remote:Command");
  copies = engine.for("command:remote:CopyToRemote");
});
afterAll(async () => {
  await copies.stop();
  await engine.stop();
  await sshd.stop();
  await rm(dir, { recursive: true, force: true });
});

const connection = (more: object = {}) => ({
  host: "127.0.0.1",
  port: Number(sshd.facts.port),
  user: sshd.facts.user,
  privateKey: sshd.facts.key,
  hostKey: sshd.facts.hostKey,
  dialErrorLimit: 0,
  ...more,
});
const checked = async (inputs: Record<string, unknown>) => (await engine.check(inputs)).inputs;

describe("a remote command", () => {
  it("runs there, with its input and the previous output", async () => {
    const inputs = await checked({
      connection: connection(),
      create: "echo $SSH_CONNECTION | cut -d' ' -f4; cat",
      stdin: "in",
    });
    const { id, properties } = await engine.create(inputs);
    expect(properties.stdout).toBe(`${sshd.facts.port}\nin`);
    const update = { ...inputs, update: 'echo "[$PULUMI_COMMAND_STDOUT]"' };
    expect((await engine.update(id, { ...properties, stdout: "before" }, update)).stdout).toBe("[before]");
  });

  it("has the connection's defaults written into its inputs", async () => {
    const inputs = await checked({ connection: { host: "h", proxy: { host: "p" } }, create: "true" });
    const filled = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };
    expect(reveal(inputs.connection)).toEqual({ ...filled, host: "h", proxy: { ...filled, host: "p" } });
  });

  it("is not sent to a host with another key", async () => {
    const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8l1mkL2IqpW8mOKjDNVwWqQOiVEDmZ1kSg4dR2n3aB";
    const inputs = { connection: connection({ hostKey: other }), create: "touch should-not-be" };
    await expect(engine.create(inputs)).rejects.toThrow(/after 0 failed attempts: .*(host key|verification)/is);
  });

  it("fails with what was said when the key is refused, and never shows it", async () => {
    const inputs = { connection: secret(connection({ user: "nobody-at-all" })), create: "true" };
    const refused = engine.create(inputs);
    await expect(refused).rejects.toThrow(/Permission denied/);
    await expect(refused).rejects.not.toThrow(/PRIVATE KEY/);
  });

  it("dials as often as allowed before it gives up", async () => {
    const inputs = { connection: connection({ port: 1, dialErrorLimit: 2 }), create: "true" };
    await expect(engine.create(inputs)).rejects.toThrow(/after 2 failed attempts: .*refused/is);
  });

  it("goes through a proxy host", async () => {
    const inputs = await checked({ connection: connection({ proxy: connection() }), create: "echo through" });
    expect((await engine.create(inputs)).properties.stdout).toBe("through");
  });
});

describe("CopyToRemote", () => {
  it("copies a directory into the remote one, or its contents with a slash", async () => {
    const source = join(dir, "tree");
    await mkdir(join(source, "sub dir"), { recursive: true });
    await writeFile(join(source, "sub dir", "a.txt"), "a");
    const copy = (path: string, remotePath: string) =>
      copies.create({ connection: connection(), source: archive(path, "1"), remotePath });
    await copy(source, join(dir, "one"));
    await copy(`${source}/`, join(dir, "two"));
    expect(await readFile(join(dir, "one", "tree", "sub dir", "a.txt"), "utf8")).toBe("a");
    expect(await readFile(join(dir, "two", "sub dir", "a.txt"), "utf8")).toBe("a");
  });

  it("copies again only when the source or the path changed", async () => {
    const file = join(dir, "file.txt");
    await writeFile(file, "one");
    const inputs = (hash: string) => ({
      connection: connection(),
      source: archive(file, hash),
      remotePath: join(dir, "copy.txt"),
    });
    const { id, properties } = await copies.create(inputs("1"));
    await writeFile(file, "two");
    await copies.update(id, properties, inputs("1"));
    expect(await readFile(join(dir, "copy.txt"), "utf8")).toBe("one");
    await copies.update(id, properties, inputs("2"));
    expect(await readFile(join(dir, "copy.txt"), "utf8")).toBe("two");
  });
});
