// What would break: deployments by rsync, scp and scripts on stdin would not reach the host's tree, would see the
// machine's own files, or two sandboxes would write into each other.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { processesWithEnvironment, terminate } from "../../../../sandbox/daemon/processes.ts";
import { greetsSsh } from "../../../../sandbox/machine/health.ts";
import { freePort } from "../../../../sandbox/machine/ports.ts";
import { prepareSshHost, SESSION_MARKER, type SshHost } from "../../../../sandbox/ssh/index.ts";

const run = promisify(execFile);
const ROOT = "/www/htdocs/w01234567";
const SERVICE = `${ROOT}/subdomains/crm/httpdocs`;

interface Host extends SshHost {
  readonly folder: string;
  readonly port: number;
  readonly server: ChildProcess;
  /** Options that ssh and scp share. */
  readonly options: readonly string[];
}

const hosts: Host[] = [];

async function startHost(): Promise<Host> {
  const folder = mkdtempSync(join(tmpdir(), "sandbox ssh-"));
  const port = await freePort();
  const place = { folder: join(folder, "ssh"), hostTree: join(folder, "host"), port, marker: folder };
  const prepared = await prepareSshHost({ ...place, services: [{ key: "crm", path: SERVICE }] });
  const [program = "", ...args] = prepared.command;
  const server = spawn(program, args, { stdio: "ignore", env: { PATH: "/usr/bin:/bin" } });
  await vi.waitFor(async () => expect(await greetsSsh(port)).toBe(true), 15_000);
  const known = join(folder, "known_hosts");
  writeFileSync(known, `[127.0.0.1]:${port} ${prepared.hostKey}\n`);
  const options = [
    ["-F", "none", "-i", prepared.userKeyFile],
    ["BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=yes", `UserKnownHostsFile="${known}"`].flatMap(
      (option) => ["-o", option],
    ),
  ].flat();
  const host = { ...prepared, folder, port, server, options };
  hosts.push(host);
  return host;
}

async function ssh(host: Host, command: string, input = "", extra: string[] = []) {
  const target = ["-p", String(host.port), ...extra, `${host.login}@127.0.0.1`, command];
  const running = run("ssh", [...host.options, ...target]);
  running.child.stdin?.end(input);
  return (await running).stdout;
}

let host: Host;
beforeAll(async () => {
  host = await startHost();
}, 60_000);
afterAll(async () => {
  for (const { server, folder } of hosts) {
    server.kill();
    await terminate(processesWithEnvironment(SESSION_MARKER, folder), 500);
    rmSync(folder, { recursive: true, force: true });
  }
}, 30_000);

describe("a session", () => {
  it("starts in the account's directory as an ordinary user", async () => {
    const shown = await ssh(host, "pwd; whoami; hostname; id -u; umask");
    expect(shown.trim().split("\n")).toEqual([ROOT, "dmpl20230054", "dmpl20230054.kasserver.com", "1000", "0022"]);
  });

  it("takes scripts on stdin and gives the exit code", async () => {
    expect(await ssh(host, "bash -s 'two words'", 'echo "got $1"\n')).toBe("got two words\n");
    await expect(ssh(host, "exit 42")).rejects.toMatchObject({ code: 42 });
  });

  it("writes into the sandbox and nowhere else", async () => {
    await ssh(
      host,
      `cd ${SERVICE} && mkdir -p releases/r1 && echo one > releases/r1/index.html && ln -s releases/r1 current`,
    );
    const file = join(host.folder, "host", SERVICE, "current/index.html");
    expect(readFileSync(file, "utf8")).toBe("one\n");
    const outcome = await ssh(host, "for d in / /etc /usr /var /opt; do touch $d/x 2>/dev/null && echo $d; done; true");
    expect(outcome.trim()).toMatch(/^\/?$/); // the empty root itself is a throw-away
    expect(await ssh(host, "ls -A /root /home 2>/dev/null; true")).toBe("");
  });

  it("has the tools that deployments need", async () => {
    const tools = "sh bash mkdir ln mv rm find tar gzip stat date rsync sha256sum df xargs";
    expect(await ssh(host, `for t in ${tools}; do command -v $t > /dev/null || echo $t; done`)).toBe("");
  });

  it("shows no variable of the machine it runs on", async () => {
    const names = (await ssh(host, "env")).split("\n").map((line) => line.split("=")[0]);
    expect(names).not.toContain("SSH_ORIGINAL_COMMAND");
    expect(names).not.toContain("PULUMI_CONFIG_PASSPHRASE");
  });
});

describe("copying", () => {
  it("works by rsync, scp and tar, keeping modes", async () => {
    const source = join(host.folder, "source");
    mkdirSync(join(source, "sub"), { recursive: true });
    writeFileSync(join(source, "sub/run.sh"), "#!/bin/sh\n", { mode: 0o755 });
    const remote = `${host.login}@127.0.0.1`;
    const shell = ["ssh", "-p", String(host.port), ...host.options].map((word) => `'${word}'`).join(" ");
    await run("rsync", ["-a", "--checksum", "-e", shell, `${source}/`, `${remote}:${SERVICE}/by-rsync/`]);
    await run("scp", ["-r", "-P", String(host.port), ...host.options, source, `${remote}:by-scp`]);
    const { stdout: archive } = await run("tar", ["-C", source, "-cf", "-", "."], { encoding: "latin1" });
    await ssh(host, "mkdir by-tar && tar -xf - -C by-tar", archive);
    const landed = join(host.folder, "host", SERVICE, "by-rsync/sub/run.sh");
    expect(statSync(landed).mode & 0o777).toBe(0o755);
    expect(statSync(join(host.folder, "host", ROOT, "by-tar/sub/run.sh")).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(host.folder, "host", ROOT, "by-scp/sub/run.sh"), "utf8")).toBe("#!/bin/sh\n");
  });
});

describe("connections", () => {
  it("can share one master", async () => {
    const control = ["-o", `ControlPath="${join(host.folder, "cm")}"`];
    const target = ["-p", String(host.port), `${host.login}@127.0.0.1`];
    await run("ssh", [...host.options, ...control, "-o", "ControlPersist=30", "-M", "-f", "-N", ...target]);
    const answers = await Promise.all(["a", "b", "c"].map((word) => ssh(host, `echo ${word}`, "", control)));
    expect(answers).toEqual(["a\n", "b\n", "c\n"]);
    await run("ssh", [...control, "-O", "exit", ...target]);
  });

  it("are refused without the key", async () => {
    const stranger = { ...host, options: host.options.map((word) => (word === host.userKeyFile ? "/dev/null" : word)) };
    await expect(ssh(stranger, "true")).rejects.toMatchObject({ code: 255 });
  });
});

describe("two hosts", () => {
  it("see files of their own under the same path", async () => {
    const other = await startHost();
    await ssh(host, "echo first > whose");
    await ssh(other, "echo second > whose");
    expect(await ssh(host, "cat whose")).toBe("first\n");
    expect(await ssh(other, "cat whose")).toBe("second\n");
    expect(other.hostKey).not.toBe(host.hostKey);
  });

  it("leave nothing in the background that cannot be found", async () => {
    await ssh(host, "sleep 60 > /dev/null 2>&1 < /dev/null &");
    // A process that is just being replaced by its program shows no environment for a moment.
    const found = () => processesWithEnvironment(SESSION_MARKER, host.folder).length;
    await vi.waitFor(() => expect(found()).toBeGreaterThan(0), 5000);
  });
});
