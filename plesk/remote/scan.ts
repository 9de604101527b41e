import { createHash } from "node:crypto";
import { SitefleetError } from "../../errors/index.ts";
import { EXIT } from "../exit-codes.ts";
import { runProcess } from "./process.ts";

/** Longest time for a host to show its keys, ms. */
const SCAN_MS = 10_000;

/** A public key that a host shows. */
export interface ShownKey {
  /** `type base64` */
  readonly line: string;
  /** As `ssh-keygen -lf` writes it: `SHA256:…`. */
  readonly fingerprint: string;
}

/** Fingerprint of a public key. Pure. @param line `type base64` */
export function fingerprintOf(line: string): string {
  const [, body = ""] = line.split(" ");
  const digest = createHash("sha256").update(Buffer.from(body, "base64")).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}

/**
 * Asks a host for its public keys, without logging in. What it shows is not to be trusted before a person has compared it.
 *
 * @throws SitefleetError `plesk.ssh.unreachable`, `plesk.program`
 */
export async function scanHost(address: string, port: number, signal?: AbortSignal): Promise<ShownKey[]> {
  const lines: string[] = [];
  await runProcess({
    label: "asking for the host's key",
    command: "ssh-keyscan",
    args: ["-T", "5", "-p", String(port), "-t", "ed25519,ecdsa,rsa", address],
    timeoutMs: SCAN_MS,
    onLine: (line) => lines.push(line),
    signal,
  });
  const shown = lines.flatMap((line) => /^[^#\s]\S* (\S+ [A-Za-z0-9+/]+=*)/.exec(line)?.[1] ?? []);
  if (shown.length > 0) return shown.map((line) => ({ line, fingerprint: fingerprintOf(line) }));
  throw new SitefleetError({
    code: "plesk.ssh.unreachable",
    message: `${address} shows no key on port ${port}`,
    hint: "check address, port and firewall",
    exitCode: EXIT.connection,
  });
}
