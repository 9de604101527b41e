import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import spawn, { SubprocessError } from "nano-spawn";
import { childEnvironment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";

/** Approvals are signed for this alone: a signature of a git commit, or for another program, is none. */
export const NAMESPACE = "approval@sitefleet";
/** Artifacts are signed for this alone. */
export const ARTIFACT_NAMESPACE = "artifact@sitefleet";
/** A hardware key waits for a touch. */
const SIGN_MS = 120_000;
const VERIFY_MS = 20_000;

/** What a signature says of itself, before it is verified. */
export interface SignatureHead {
  /** `type base64`, as in authorized_keys. */
  readonly key: string;
  readonly namespace: string;
}

const ARMOUR = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n?$/;

/**
 * Reads key and namespace off an SSH signature (openssh-portable, PROTOCOL.sshsig). Undefined when it is none, or is cut. Pure.
 */
export function readSignature(text: string): SignatureHead | undefined {
  const body = ARMOUR.exec(text)?.[1];
  if (body === undefined) return undefined;
  const blob = Buffer.from(body, "base64");
  if (blob.subarray(0, 6).toString("latin1") !== "SSHSIG" || blob.length < 10) return undefined;
  const [key, namespace] = [fieldAt(blob, 10), fieldAt(blob, 10, 1)];
  const type = key && fieldAt(key, 0);
  // Three more fields must be there: reserved, hash, signature.
  if (key === undefined || type === undefined || namespace === undefined || fieldAt(blob, 10, 4) === undefined)
    return undefined;
  return { key: `${type.toString("latin1")} ${key.toString("base64")}`, namespace: namespace.toString("utf8") };
}

/** The nth of the fields that begin at a place, each four bytes of length and its content. */
function fieldAt(blob: Buffer, start: number, nth = 0): Buffer | undefined {
  let at = start;
  for (let index = 0; ; index++) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    if (index === nth) return blob.subarray(at + 4, end);
    at = end;
  }
}

/**
 * Signs a text with an SSH key.
 *
 * @param namespace what it is signed for. @default an approval
 * @param key file of a private key; of a public one whose private key an agent or a hardware key holds
 * @throws SitefleetError `approval.sign` with what ssh-keygen said, `needs.missing` without ssh-keygen
 */
export async function signText(text: string, key: string, namespace: string = NAMESPACE): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-sign-"));
  try {
    const file = join(dir, "request");
    writeFileSync(file, text, { mode: 0o600 });
    // Its questions (a passphrase, a touch) go to the terminal.
    await keygen(["-Y", "sign", "-f", key, "-n", namespace, file], { stdin: "inherit", timeout: SIGN_MS });
    const { readFileSync } = await import("node:fs");
    return readFileSync(`${file}.sig`, "utf8");
  } catch (error) {
    if (!(error instanceof SubprocessError)) throw error;
    throw new SitefleetError({
      code: "approval.sign",
      message: "ssh-keygen did not sign",
      subject: key,
      details: error.stderr.split("\n").filter((line) => line !== ""),
      hint: "name a key with --key; the .pub file of one that ssh-agent or a hardware key holds does as well",
      cause: error,
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Whether this key has signed this text for this namespace. @param key `type base64` @param namespace @default an approval */
export async function verifyText(
  text: string,
  signature: string,
  key: string,
  namespace: string = NAMESPACE,
): Promise<boolean> {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-verify-"));
  try {
    const [allowed, sig] = [join(dir, "allowed"), join(dir, "sig")];
    writeFileSync(allowed, `approver namespaces="${namespace}" ${key}\n`, { mode: 0o600 });
    writeFileSync(sig, signature, { mode: 0o600 });
    await keygen(["-Y", "verify", "-f", allowed, "-I", "approver", "-n", namespace, "-s", sig], {
      stdin: { string: text },
      timeout: VERIFY_MS,
    });
    return true;
  } catch (error) {
    if (error instanceof SubprocessError) return false;
    throw error;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function keygen(
  args: readonly string[],
  options: { readonly stdin: "inherit" | { readonly string: string }; readonly timeout: number },
): Promise<void> {
  try {
    await spawn("ssh-keygen", [...args], { ...options, env: childEnvironment() });
  } catch (error) {
    const missing = error instanceof SubprocessError && (error.cause as NodeJS.ErrnoException)?.code === "ENOENT";
    if (!missing) throw error;
    throw new SitefleetError({
      code: "needs.missing",
      message: "ssh-keygen is not there; approvals and artifacts are signed and verified with it",
      hint: "install OpenSSH's client, e.g. apt-get install openssh-client",
    });
  }
}
