import { spawn } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import spawned from "nano-spawn";

/** A running sshd and how to log in to it. */
export interface Sshd {
  /** `port`, `user`, `key` (private, PEM), `hostKey`. */
  readonly facts: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts a plain OpenSSH server on a free loopback port: this user, one key, variables of PULUMI_* accepted. */
export async function startSshd(dir: string): Promise<Sshd> {
  await mkdir(dir, { mode: 0o700 });
  for (const name of ["host", "user"]) {
    await spawned("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(dir, name)]);
  }
  const port = await freePort();
  const config = join(dir, "sshd_config");
  const lines = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${join(dir, "host")}`,
    `AuthorizedKeysFile ${join(dir, "user.pub")}`,
    "PidFile none",
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "PermitRootLogin prohibit-password",
    "AcceptEnv PULUMI_COMMAND_*",
    "MaxStartups 100",
    "Subsystem sftp internal-sftp",
  ];
  await writeFile(config, `${lines.join("\n")}\n`);
  // As root, sshd wants the directory that Debian's unit makes.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true }).then(() => chmod("/run/sshd", 0o755));
  const server = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", config], { stdio: "ignore" });
  await listening(port);
  return {
    facts: {
      port: String(port),
      user: userInfo().username,
      key: await readFile(join(dir, "user"), "utf8"),
      hostKey: (await readFile(join(dir, "host.pub"), "utf8")).split(" ").slice(0, 2).join(" "),
    },
    stop: () =>
      new Promise((resolve) => {
        server.once("close", () => resolve());
        server.kill("SIGTERM");
      }),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function listening(port: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(socket.end() !== undefined));
      socket.once("error", () => resolve(false));
    });
    if (up) return;
    await sleep(50);
  }
  throw new Error("sshd does not listen");
}
