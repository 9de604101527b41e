import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DeployDocumentInput } from "../../../../plesk/input.ts";
import { tempDir } from "./temp.ts";

/** An OpenSSH server of a test's own, on a free port, with a directory that plays the host's web space. */
export interface TestHost {
  /** The `host` part of a deploy document. */
  readonly host: DeployDocumentInput["host"];
  /** Directory of the test on this machine; also what the sessions see. */
  readonly root: string;
  /** Process of the server. */
  readonly pid: number;
  /** Ends every session that is open now, as a lost connection would. */
  dropSessions(): number;
  stop(): void;
}

/** Asks the system for a free port. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Polls until something is true. @param seconds Gives up with an error after this. */
export async function until(what: string, check: () => boolean | Promise<boolean>, seconds = 10): Promise<void> {
  const giveUp = Date.now() + seconds * 1000;
  while (!(await check())) {
    if (Date.now() > giveUp) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await sleep(20);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("data", () => resolve(true) ?? socket.destroy());
    socket.once("error", () => resolve(false));
  });
}

/** Pids of a process's descendants. */
function descendants(pid: number): number[] {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const below = (parent: number): number[] =>
    pairs.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

/**
 * Starts the server; the sessions' HOME is empty, so that no start-up file of the machine slows or changes them.
 *
 * @param path PATH of the sessions. @default the system's
 */
export async function startSshd(path?: string): Promise<TestHost> {
  const dir = tempDir("pleskhost-");
  const root = join(dir, "www");
  mkdirSync(root);
  mkdirSync(join(dir, "home"));
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  for (const name of ["host", "user"]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(dir, name)]);
  }
  const port = await freePort();
  writeFileSync(
    join(dir, "config"),
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${dir}/host`,
      `AuthorizedKeysFile ${dir}/user.pub`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "PermitRootLogin prohibit-password",
      "PidFile none",
      `SetEnv HOME=${dir}/home${path === undefined ? "" : ` PATH=${path}`}`,
      "",
    ].join("\n"),
  );
  const server: ChildProcess = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", join(dir, "config")], { stdio: "ignore" });
  await until("sshd answers", () => accepts(port));
  return {
    host: {
      address: "127.0.0.1",
      port,
      user: userInfo().username,
      privateKey: readFileSync(join(dir, "user"), "utf8"),
      hostKey: readFileSync(join(dir, "host.pub"), "utf8"),
    },
    root,
    pid: server.pid!,
    dropSessions: () => {
      const pids = descendants(server.pid!);
      for (const pid of pids) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // Gone already.
        }
      }
      return pids.length;
    },
    stop: () => {
      for (const pid of [...descendants(server.pid!), server.pid!]) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // Gone already.
        }
      }
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
