import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SitefleetError } from "../errors/index.ts";
import type { Approver } from "../model/index.ts";

/** Variables that lead to keys of people: no operation that an agent begins sees them. */
const KEYS =
  /^(SSH_AUTH_SOCK|SSH_AGENT_PID|SSH_ASKPASS|SSH_ASKPASS_REQUIRE|GPG_AGENT_INFO|GNUPGHOME|SSH_SK_PROVIDER|GIT_ASKPASS)$/;

/** Bytes of the shortest public key's blob, ed25519's. */
const SHORTEST = 51;

/** The environment of what an agent begins: without anything that signs for people, and with the agent's name. Pure. */
export function guardedEnvironment(env: NodeJS.ProcessEnv, agent: string): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !KEYS.test(name));
  return { ...Object.fromEntries(kept), SITEFLEET_AGENT: agent };
}

/**
 * Private keys of approvers that this user can read, also those that a passphrase protects. A key on hardware is none: its file signs
 * nothing without a touch.
 *
 * @param home the user's own directory
 */
export function readableKeys(home: string, approvers: readonly Pick<Approver, "name" | "keys">[]): string[] {
  const dir = join(home, ".ssh");
  const files = home !== "" && existsSync(dir) ? readdirSync(dir) : [];
  const wanted = approvers
    .flatMap(({ name, keys }) => keys.map((key) => ({ name, key: blobOf(key) })))
    .filter(({ key }) => !key.startsWith("sk-"));
  return files.flatMap((file) => {
    if (file.endsWith(".pub")) return [];
    const text = readIf(join(dir, file));
    if (!text.includes("PRIVATE KEY-----")) return [];
    const beside = blobOf(readIf(join(dir, `${file}.pub`)));
    // OpenSSH's form has the public half in the clear (PROTOCOL.key), so a key without a file beside it is known too.
    const body = Buffer.from(text.replace(/-----[^-]+-----/g, ""), "base64");
    const found = wanted.find(({ key }) => {
      const half = Buffer.from(key.split(" ")[1] ?? "", "base64");
      return key === beside || (half.length >= SHORTEST && body.includes(half));
    });
    return found === undefined ? [] : [found.name];
  });
}

/** @throws SitefleetError `mcp.key` */
export function refuseReadableKeys(home: string, approvers: readonly Pick<Approver, "name" | "keys">[]): void {
  const names = readableKeys(home, approvers);
  if (names.length === 0) return;
  throw new SitefleetError({
    code: "mcp.key",
    message: "the key of an approver can be read here, so that an agent could sign with it",
    subject: [...new Set(names)].join(", "),
    hint: "keep it on another machine or on hardware, or let another user run the agent",
  });
}

const blobOf = (key: string): string => key.trim().split(/\s+/).slice(0, 2).join(" ");

function readIf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
