// What would break: a restart would change passwords that stacks already hold, or the sandbox's SSH port would be 22.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureSecrets, randomText, secretValues } from "../../../../sandbox/daemon/secrets.ts";

const facts = { sshPort: 40022, sshUser: "me", sshPrivateKey: "KEY", mailDomain: "example.org" };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sandbox-secrets-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the sandbox's random values", () => {
  it("are made once and kept private", () => {
    const path = join(folder, "secrets.json");
    const first = ensureSecrets(path);
    expect(ensureSecrets(path)).toEqual(first);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    // The Vercel provider insists on 24 letters and digits in a row.
    expect(first.vercelToken).toMatch(/^[A-Za-z0-9]{24}$/);
  });

  it("use all letters and digits", () => {
    const text = randomText(20_000);
    expect(text).toHaveLength(20_000);
    expect(new Set(text).size).toBe(62);
  });
});

describe("secretValues", () => {
  it("gives the SSH host's own values, also over what the catalog fixes", () => {
    const entries = [
      { name: "SSH_PORT", source: "config", value: "22" },
      { name: "SSH_PRIVATE_KEY", source: "config" },
      { name: "SMTP_FROM_NAME", source: "config", value: "Fixed" },
    ] as const;
    expect(secretValues(entries, facts, {})).toEqual({
      SSH_PORT: "40022",
      SSH_PRIVATE_KEY: "KEY",
      SMTP_FROM_NAME: "Fixed",
    });
  });

  it("keeps random values of earlier runs and leaves other sources alone", () => {
    const entries = [
      { name: "SMTP_PASS", source: "config" },
      { name: "NEW_PASS", source: "config" },
      { name: "JWT_SECRET", source: "generated", bytes: 64 },
    ] as const;
    const values = secretValues(entries, facts, { SMTP_PASS: "as before" });
    expect(values.SMTP_PASS).toBe("as before");
    expect(values.NEW_PASS).toHaveLength(32);
    expect(Object.keys(values)).toEqual(["SMTP_PASS", "NEW_PASS"]);
  });
});
