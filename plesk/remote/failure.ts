import { SitefleetError } from "../../errors/index.ts";
import { EXIT } from "../exit-codes.ts";

/** Why ssh ended with 255. */
export type SshFailure = "host-key" | "login" | "unreachable";

/**
 * Tells apart what ssh says with one exit code. ssh has no other channel for it; its texts are not translated and have been
 * the same for twenty years. Anything unknown counts as unreachable, which is tried again.
 */
export function classifySshFailure(stderr: string): SshFailure {
  if (/Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|No .* host key is known/.test(stderr))
    return "host-key";
  if (/Permission denied|Too many authentication failures|error in libcrypto|invalid format/.test(stderr))
    return "login";
  return "unreachable";
}

const TEXTS: Record<SshFailure, { readonly message: string; readonly hint: string }> = {
  "host-key": {
    message: "the host's key is not one of the pinned ones",
    hint: "compare with `ssh-keyscan` over a trusted network; change `hostKey` only when the host's operator confirms the new key",
  },
  login: {
    message: "the host refused the login",
    hint: "check the user and the private key (OpenSSH or PEM, without passphrase)",
  },
  unreachable: {
    message: "the host could not be reached",
    hint: "check address, port and firewall, then run again: finished steps are not repeated",
  },
};

/** The error for a connection that could not be made or was lost. Codes: `plesk.ssh.host-key|login|unreachable`. */
export function connectionError(kind: SshFailure, details: readonly string[] = []): SitefleetError {
  return new SitefleetError({ code: `plesk.ssh.${kind}`, ...TEXTS[kind], details, exitCode: EXIT.connection });
}
