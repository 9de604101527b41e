// What would break: Pulumi could not read the sandbox's secrets, or stacks would see changed values after each start.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { writeConfigFile } from "../../../../sandbox/daemon/config-file.ts";

const pulumi = resolve(".toolchain/bin/pulumi");
const content = {
  plain: { target: "sandbox", vercelTeam: "Team" },
  secrets: { SSH_PRIVATE_KEY: "-----BEGIN-----\nline\n-----END-----\n", SMTP_PASS: "q'\"$ü€ \\" },
};

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sandbox-config-"));
  file = join(folder, "Pulumi.prod.yaml");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("writeConfigFile", () => {
  it("writes once, without a secret as text, and leaves the file alone while nothing changes", async () => {
    expect(await writeConfigFile(file, "passphrase", content)).toBe(true);
    const first = readFileSync(file, "utf8");
    expect(await writeConfigFile(file, "passphrase", content)).toBe(false);
    expect(readFileSync(file, "utf8")).toBe(first);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const value of [...Object.values(content.secrets), "passphrase"]) expect(first).not.toContain(value);
  });

  it("writes anew when a value changes, and keeps what people added", async () => {
    await writeConfigFile(file, "passphrase", content);
    writeFileSync(file, readFileSync(file, "utf8").replace("config:\n", "config:\n  sitefleet:added: yes-please\n"));
    const changed = { ...content, plain: { ...content.plain, target: "other" } };
    expect(await writeConfigFile(file, "passphrase", changed)).toBe(true);
    const { config } = parse(readFileSync(file, "utf8"));
    expect(config).toMatchObject({ "sitefleet:target": "other", "sitefleet:added": "yes-please" });
  });

  // States carry the salt line: with another one the same estate's file is taken for a foreign one.
  it("keeps the salt while the passphrase is the same, whatever changes; another passphrase gets its own", async () => {
    const salt = () => parse(readFileSync(file, "utf8")).encryptionsalt;
    await writeConfigFile(file, "passphrase", content);
    const first = salt();
    await writeConfigFile(file, "passphrase", { ...content, secrets: { SMTP_PASS: "new" } });
    expect(salt()).toBe(first);
    await writeConfigFile(file, "another", content);
    expect(salt()).not.toBe(first);
    const second = salt();
    writeFileSync(file, readFileSync(file, "utf8").replace(second, "v1:x:y"));
    await writeConfigFile(file, "another", { ...content, secrets: {} });
    expect(salt()).toMatch(/^v1:[^:]+:v1:[^:]+:[^:]+$/);
  });

  it.runIf(existsSync(pulumi))("is read by the real pulumi, every value as it was", async () => {
    const values = fc.sample(fc.string({ unit: "grapheme-composite", minLength: 1 }), 20);
    const secrets = Object.fromEntries(values.map((value, index) => [`S${index}`, value]));
    await writeConfigFile(file, "pass phrase", { plain: content.plain, secrets: { ...content.secrets, ...secrets } });
    writeFileSync(join(folder, "Pulumi.yaml"), "name: sitefleet\nruntime: nodejs\n");
    const env = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "pass phrase",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const run = (...args: string[]): string => execFileSync(pulumi, args, { cwd: folder, env, encoding: "utf8" });
    run("stack", "init", "prod", "--non-interactive");
    const shown = JSON.parse(run("config", "--show-secrets", "--json", "-s", "prod"));
    expect(shown["sitefleet:target"]).toMatchObject({ value: "sandbox", secret: false });
    expect(shown["sitefleet:secrets"].secret).toBe(true);
    expect(JSON.parse(shown["sitefleet:secrets"].value)).toEqual({ ...content.secrets, ...secrets });
  });
});
