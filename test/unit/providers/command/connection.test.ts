// Breaks when a key or password gets into a process list, outlives the command, or a wrong host is trusted.
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { sshAccess } from "../../../../sandbox/providers/command/connection.ts";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabc";
const fileOf = (options: readonly string[], name: string) =>
  options.find((option) => option.startsWith(`${name}=`))!.slice(name.length + 1);

describe("sshAccess", () => {
  it("puts key and password into files of this user alone, not into arguments or environment, and removes them", async () => {
    const access = await sshAccess({
      host: "h",
      port: 2222,
      privateKey: "canary-key",
      privateKeyPassword: "canary-password",
      hostKey: HOST_KEY,
    });
    const key = fileOf(access.options, "IdentityFile");
    expect(readFileSync(key, "utf8")).toBe("canary-key\n");
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(key)).mode & 0o777).toBe(0o700);
    expect(readFileSync(`${access.env.SSH_ASKPASS}.txt`, "utf8")).toBe("canary-password\n");
    expect(JSON.stringify([access.options, access.env])).not.toMatch(/canary/);
    await access.dispose();
    expect(existsSync(dirname(key))).toBe(false);
  });

  it("trusts the given host key only, at that port", async () => {
    const access = await sshAccess({ host: "h", port: 2222, hostKey: `${HOST_KEY} comment` });
    expect(access.options).toContain("StrictHostKeyChecking=yes");
    expect(access.options).toContain("HostKeyAlgorithms=ssh-ed25519");
    expect(readFileSync(fileOf(access.options, "UserKnownHostsFile"), "utf8")).toBe(`[h]:2222 ${HOST_KEY}\n`);
    await access.dispose();
  });

  it("without a host key checks none, like the real provider", async () => {
    const access = await sshAccess({ host: "h" });
    expect(access.options).toContain("StrictHostKeyChecking=no");
    await access.dispose();
  });

  it("refuses a host key that is none", async () => {
    await expect(sshAccess({ host: "h", hostKey: "nonsense" })).rejects.toThrow(/failed to parse host key/);
  });
});
