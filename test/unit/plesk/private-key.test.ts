import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultOfKey, refuseUnusableKeys } from "../../../plesk/index.ts";
import { lookAtKey } from "../../../plesk/key/look.ts";

// What breaks when these fail: a key that nobody can log in with looks like a refusal by the host, or a good one is refused.

const dir = mkdtempSync(join(tmpdir(), "sitefleet-keys-"));
afterAll(() => rmSync(dir, { recursive: true }));

function keygen(name: string, ...args: string[]): string {
  execFileSync("ssh-keygen", ["-q", "-C", "", "-f", join(dir, name), ...args], { stdio: "ignore" });
  return readFileSync(join(dir, name), "utf8");
}
const pem = (type: "pkcs1" | "pkcs8" | "sec1", cipher?: { cipher: string; passphrase: string }) =>
  type === "sec1"
    ? generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey.export({ type, format: "pem", ...cipher })
    : generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type, format: "pem", ...cipher });

let good: string;
let cut: string;
const texts: Record<string, string> = {};

beforeAll(() => {
  good = keygen("good", "-t", "ed25519", "-N", "");
  keygen("ca", "-t", "ed25519", "-N", "");
  execFileSync("ssh-keygen", ["-q", "-s", join(dir, "ca"), "-I", "x", "-n", "u", join(dir, "good.pub")], {
    stdio: "ignore",
  });
  const lines = good.trimEnd().split("\n");
  cut = lines.slice(0, 3).join("\n");
  const secret = { cipher: "aes-256-cbc", passphrase: "secret" };
  const ed448 = generateKeyPairSync("ed448").privateKey.export({ type: "pkcs8", format: "pem" });
  const curve = generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey;
  Object.assign(texts, {
    public: readFileSync(join(dir, "good.pub"), "utf8"),
    publicPem: generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ type: "spki", format: "pem" }),
    certificate: readFileSync(join(dir, "good-cert.pub"), "utf8"),
    passphrase: keygen("locked", "-t", "ed25519", "-N", "secret"),
    passphrasePem: pem("pkcs8", secret),
    passphraseOldPem: pem("pkcs1", secret),
    putty: "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n",
    folded: good.replaceAll("\n", " "),
    joined: good.replaceAll("\n", ""),
    escaped: good.replaceAll("\n", "\\n"),
    bom: `\ufeff${good}`,
    carriageReturns: good.replaceAll("\n", "\r"),
    cut,
    cutInside: [...lines.slice(0, 3), lines.at(-1)].join("\n"),
    tail: lines.slice(2).join("\n"),
    hollow: [lines[0], lines.at(-1)].join("\n"),
    quoted: `"${good}"`,
    indented: good.replaceAll("\n", "\n  "),
    dashes: good.replaceAll("-----", "—"),
    empty: "  \n",
    tls: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    pgp: "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nx\n-----END PGP PRIVATE KEY BLOCK-----\n",
    otherPem: "-----BEGIN DH PARAMETERS-----\nMIIB\n-----END DH PARAMETERS-----\n",
    dsa: "-----BEGIN DSA PRIVATE KEY-----\nMIIB\n-----END DSA PRIVATE KEY-----\n",
    ed448,
    curve: curve.export({ type: "sec1", format: "pem" }),
    short: generateKeyPairSync("rsa", { modulusLength: 768 }).privateKey.export({ type: "pkcs1", format: "pem" }),
    twice: Buffer.from(good).toString("base64"),
    two: `${good}${good}`,
    path: "~/.ssh/id_ed25519",
    fingerprint: "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
    json: '{"type":"service_account"}',
    binary: "\0\u0001\u0002",
    password: "hunter2",
  });
});

describe("a private key that ssh can use", () => {
  it.each([
    ["as ssh-keygen writes it", () => good],
    ["with carriage returns", () => good.replaceAll("\n", "\r\n")],
    ["without its last line break", () => good.trimEnd()],
    ["RSA, OpenSSH's form", () => keygen("rsa", "-t", "rsa", "-b", "2048", "-N", "")],
    ["ECDSA, OpenSSH's form", () => keygen("ecdsa", "-t", "ecdsa", "-N", "")],
    ["RSA, PKCS#1", () => pem("pkcs1")],
    ["RSA, PKCS#8", () => pem("pkcs8")],
    ["EC, SEC 1", () => pem("sec1")],
  ])("%s", (_, text) => {
    expect(lookAtKey(String(text()))).toMatchObject({ usable: true });
  });
});

describe("a text that is no private key that ssh can use is told as what it is", () => {
  it.each([
    ["public", /public half/],
    ["publicPem", /public half/],
    ["certificate", /SSH certificate/],
    ["passphrase", /protected by a passphrase/],
    ["passphrasePem", /protected by a passphrase/],
    ["passphraseOldPem", /protected by a passphrase/],
    ["putty", /PuTTY/],
    ["folded", /lost its line breaks/],
    ["joined", /lost its line breaks/],
    ["escaped", /\\n in place of its line breaks/],
    ["bom", /byte order mark/],
    ["carriageReturns", /lost its line breaks/],
    ["cut", /cut off: its last line/],
    ["cutInside", /damaged or cut off/],
    ["tail", /cut off: its first line/],
    ["hollow", /nothing between/],
    ["quoted", /quotation marks/],
    ["indented", /spaces or empty lines before/],
    ["dashes", /other dashes/],
    ["empty", /is empty/],
    ["tls", /certificate for TLS/],
    ["pgp", /PGP key/],
    ["otherPem", /PEM of another kind \(DH PARAMETERS\)/],
    ["dsa", /DSA key/],
    ["ed448", /of type ed448/],
    ["curve", /curve secp256k1/],
    ["short", /768 bits/],
    ["twice", /encoded once more/],
    ["two", /more than one key/],
    ["path", /name of a file/],
    ["fingerprint", /fingerprint/],
    ["json", /is JSON/],
    ["binary", /is binary/],
    ["password", /is no key/],
  ])("%s", (name, says) => {
    const fault = faultOfKey(texts[name] ?? "", { secret: "SSH_PRIVATE_KEY", from: "the environment" });
    expect(fault?.message).toMatch(/^the private key SSH_PRIVATE_KEY \(from the environment\) /);
    expect(fault?.message).toMatch(says);
    expect(fault?.hint).not.toBe("");
  });

  it("names all of them at once, and nothing of what they hold", () => {
    const keys = Object.values(texts).map((text, index) => ({ secret: `KEY_${index}`, from: "the environment", text }));
    let said = "";
    try {
      refuseUnusableKeys(keys);
    } catch (error) {
      const { message, details, code } = error as { message: string; details: string[]; code: string };
      expect(code).toBe("plesk.private-key");
      said = [message, ...details].join("\n");
    }
    for (const { secret } of keys) expect(said).toContain(`${secret} (from`);
    expect(said).not.toContain("hunter2");
    for (const line of good.split("\n").filter((one) => /^\w/.test(one))) expect(said).not.toContain(line);
  });

  it("whatever the text, a look ends, and a key that was cut anywhere is never usable (property)", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => typeof lookAtKey(text).usable === "boolean"));
    const length = good.trimEnd().length;
    fc.assert(fc.property(fc.integer({ min: 0, max: length - 1 }), (end) => !lookAtKey(good.slice(0, end)).usable));
  });
});
