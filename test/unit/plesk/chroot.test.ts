// The driver in a chrooted Plesk account, with the sandbox's own: a root with a handful of programs and nothing else. What it cannot
// do there is refused with the reason before anything is tried; what it can do is done with what there is.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type DeployDocumentInput, deploy, parseDocument, plan } from "../../../plesk/index.ts";
import { prepareSshHost, type SshHost, writeClientConfig } from "../../../sandbox/ssh/index.ts";
import { DEFAULT_PROFILE } from "../../../sandbox/ssh/profile.ts";
import { makeArtifact, writeFiles } from "./support/driver.ts";
import { freePort, until } from "./support/sshd.ts";
import { tempDir } from "./support/temp.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const run = promisify(execFile);
const ROOT = DEFAULT_PROFILE.root;
const folder = tempDir("plesk-chroot-");
/** The account's files on this machine. */
const tree = join(folder, "host");
const onHost = (path: string): string => join(tree, path);
let server: ChildProcess;
let prepared: SshHost;
let port: number;

beforeAll(async () => {
  port = await freePort();
  const profile = { ...DEFAULT_PROFILE, kind: "plesk-chroot" as const };
  prepared = await prepareSshHost({ folder: join(folder, "ssh"), hostTree: tree, port, marker: folder, profile });
  const [program = "", ...args] = prepared.command;
  server = spawn(program, args, { stdio: "ignore", env: { PATH: "/usr/bin:/bin" } });
  await until("the server lets us in", () =>
    ssh("pwd").then(
      (said) => said === `${ROOT}\n`,
      () => false,
    ),
  );
});
afterAll(() => {
  server?.kill();
});

async function ssh(command: string): Promise<string> {
  const { login: user, userKeyFile: keyFile, hostKey } = prepared;
  const config = writeClientConfig(join(folder, "ssh"), { port, user, keyFile, hostKey });
  return (await run("ssh", ["-F", config, "sandbox", command])).stdout;
}

const documentOf = (path: string, artifact: string): DeployDocumentInput => ({
  host: {
    address: "127.0.0.1",
    port,
    user: prepared.login,
    privateKey: readFileSync(prepared.userKeyFile, "utf8"),
    hostKey: prepared.hostKey,
    profile: "plesk-chroot",
  },
  service: { key: "votes", path, shared: ["uploads/"] },
  artifact: { dir: artifact },
  env: { A: "b" },
});

describe("the account", () => {
  test("has what Plesk's chrooted shell carries, and none of what it does not", async ({ skip }) => {
    // Without namespaces there is only PATH.
    if (prepared.mode === "link") skip();
    const missing =
      "rsync php python python3 node stat find date flock df readlink mariadb mysql psql perl awk sed curl docker";
    expect(await ssh(`for t in ${missing}; do command -v $t; done; true`)).toBe("");
    const there = "sh bash cat chmod cp gzip ln ls mkdir mv rm rmdir tar";
    expect(await ssh(`for t in ${there}; do command -v $t >/dev/null || echo $t; done`)).toBe("");
    expect(await ssh("ls -d /usr/bin /usr/local /proc /var /root /home /opt 2>/dev/null; true")).toBe("");
    expect(await ssh('printf "%s\\n" "$PATH"; cat /etc/passwd')).toMatch(/^\/bin\ndmpl20230054:/);
  });
});

describe("the driver", () => {
  test("deploys over tar with the same releases, converts, goes on, and finds tampering", async () => {
    const path = `${ROOT}/votes/httpdocs`;
    writeFiles(onHost(path), { "index.html": "by hand", "old.txt": "old", "uploads/photo": "p" });
    symlinkSync("/etc/hostname", onHost(`${path}/outward`));
    const artifact = makeArtifact({
      "index.html": "one",
      "-rf": "x",
      "it's\n$(id)": "y",
      "#hash": "z",
      "bin/run": "#!/bin/sh",
    });
    chmodSync(join(artifact, "bin/run"), 0o700);
    const document = parseDocument(documentOf(path, artifact));
    const planned = await plan(document);
    expect(planned).toMatchObject({ converts: true, created: 4, changed: 1, deleted: 2, refusals: [] });
    expect(planned.items).toContain("- outward");
    const first = await deploy(document);
    expect(first).toMatchObject({ outcome: "released", transport: "tar", converted: true });
    expect(readdirSync(onHost(path)).sort()).toEqual([
      "#hash",
      "-rf",
      ".well-known",
      "bin",
      "index.html",
      "it's\n$(id)",
      "uploads",
    ]);
    expect(statSync(onHost(`${path}/bin/run`)).mode & 0o777).toBe(0o755);
    expect(statSync(onHost(`${path}/index.html`)).mode & 0o777).toBe(0o644);
    expect(readFileSync(onHost(`${path}/uploads/photo`), "utf8")).toBe("p");
    expect(await deploy(document)).toMatchObject({ outcome: "unchanged" });
    writeFiles(artifact, { "index.html": "two" });
    expect(await plan(document)).toMatchObject({ changed: 1, created: 0, deleted: 0 });
    expect(await deploy(document)).toMatchObject({ outcome: "released", before: first.release });
    writeFiles(artifact, { "index.html": "one" });
    expect(await deploy(document)).toMatchObject({ outcome: "switched" });
    const base = onHost(`${path}.sitefleet`);
    writeFiles(artifact, { "index.html": "two" });
    const planted = readdirSync(`${base}/releases`).find((id) => id !== first.release && id !== "original")!;
    writeFileSync(`${base}/releases/${planted}/shell.php`, "<?php");
    expect(await deploy(document)).toMatchObject({ outcome: "released", release: planted });
    expect(existsSync(onHost(`${path}/shell.php`))).toBe(false);
  });

  test("refuses in the plan what a kind needs and such a shell does not have, with reason and way out", async () => {
    const path = `${ROOT}/crm/httpdocs`;
    const artifact = makeArtifact({ "index.php": "<?php", "vendor/bin/drush": "", "vendor/bin/cv": "" });
    const document = parseDocument({
      ...documentOf(path, artifact),
      service: { key: "crm", path, kind: "drupal-civicrm", steps: "kind" },
      database: {
        engine: "mariadb",
        host: "localhost",
        port: 3306,
        name: "mo",
        user: "u",
        password: "canary-pw",
        scratch: null,
      },
    });
    const planned = await plan(document);
    const messages = planned.refusals.map(({ message, hint }) => `${message} → ${hint}`).join("\n");
    expect(messages).toContain("php (for drush");
    expect(messages).toContain("the chrooted shell of Plesk does not carry it");
    expect(messages).toContain("profile `plesk-bash`");
    expect(messages).toContain("mariadb-dump or mysqldump (for database snapshots)");
    await expect(deploy(document)).rejects.toMatchObject({ code: "plesk.unfit", exitCode: 13 });
    expect(existsSync(onHost(path))).toBe(false);
  });
});
