import { createPrivateKey } from "node:crypto";
import { type Found, foreign } from "./foreign.ts";
import { readOpenSsh } from "./openssh.ts";

/** What a text is that should be a private key: usable, or what it is in place of one. */
export type KeyLook = { readonly usable: true; readonly type: string } | (Found & { readonly usable: false });

/** Shortest RSA key that OpenSSH takes (`RequiredRSASize`), bits. */
const RSA_BITS = 1024;
/** Curves that SSH has, in Node's words; RFC 5656. */
const CURVES: readonly (string | undefined)[] = ["prime256v1", "secp384r1", "secp521r1"];
const PEM = /^-----BEGIN ([A-Z0-9 ]+)-----$/;
const PEM_KEYS = new Set(["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"]);

const NO_PASSPHRASE = "take the passphrase off a copy (ssh-keygen -p -N '' -f COPY): a run cannot type it";
const WHOLE = "copy the whole file again, from its first line to its last";

/**
 * Looks at a private key as ssh would, without ssh: in a login, every key that cannot be read looks like a refusal by the
 * host. Carriage returns at the end of lines and a lacking last line break are no fault; they are put right. Nothing of the
 * text is in the answer. Pure.
 */
export function lookAtKey(text: string): KeyLook {
  const clean = text.replaceAll("\r\n", "\n").trimEnd();
  const other = foreign(clean);
  if (other !== undefined) return unusable(other.is, other.hint);
  const lines = clean.split("\n");
  const label = PEM.exec(lines[0] ?? "")?.[1] ?? "";
  const end = lines.indexOf(`-----END ${label}-----`);
  if (end < 0) return unusable("is cut off: its last line (-----END …-----) is missing", WHOLE);
  if (lines.slice(end + 1).some((line) => line.trim() !== "")) {
    return unusable("holds more than one key, or text after it", "keep the one key, from -----BEGIN to -----END");
  }
  const body = lines.slice(1, end);
  if (body.join("").trim() === "") return unusable("has nothing between its first and its last line", WHOLE);
  if (body.some((line) => line.startsWith("Proc-Type:") && line.includes("ENCRYPTED"))) {
    return unusable("is protected by a passphrase", NO_PASSPHRASE);
  }
  return label === "OPENSSH PRIVATE KEY" ? ofOpenSsh(body) : ofPem(clean, label);
}

function ofOpenSsh(body: readonly string[]): KeyLook {
  const text = body.join("");
  const found = /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? readOpenSsh(Buffer.from(text, "base64")) : undefined;
  if (found === undefined || found.damaged) {
    return unusable("is damaged or cut off: its content is shorter than it says", WHOLE);
  }
  if (found.encrypted) return unusable("is protected by a passphrase", NO_PASSPHRASE);
  const { type } = found;
  if (type.startsWith("sk-")) {
    return unusable("is only the handle of a key in a hardware token, which a person would have to touch", ANOTHER);
  }
  if (!/^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521))$/.test(type)) {
    return unusable(`is of type ${printable(type)}, which hosts do not take any more`, ANOTHER);
  }
  return { usable: true, type };
}

function ofPem(text: string, label: string): KeyLook {
  if (!PEM_KEYS.has(label)) return unusable(`is PEM of another kind (${label})`, ANOTHER);
  const key = attempt(() => createPrivateKey({ key: text, format: "pem" }));
  if (key === undefined) return unusable("is damaged or cut off: its content cannot be read", WHOLE);
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case "rsa":
      return modulusLength < RSA_BITS
        ? unusable(`is an RSA key of ${modulusLength} bits, too short for ssh`, ANOTHER)
        : { usable: true, type: "ssh-rsa" };
    case "ec":
      return CURVES.includes(namedCurve)
        ? { usable: true, type: "ecdsa-sha2" }
        : unusable(`is on the curve ${printable(namedCurve ?? "?")}, which ssh does not have`, ANOTHER);
    case "ed25519":
      // OpenSSH reads this form from 9.6 on; older ones answer with a word of their cryptographic library.
      return { usable: true, type: "ssh-ed25519" };
    default:
      return unusable(`is of type ${printable(key.asymmetricKeyType ?? "?")}, which ssh does not use`, ANOTHER);
  }
}

const ANOTHER = "make a key for this purpose (ssh-keygen -t ed25519 -N '' -f FILE), give the host its public half";

const unusable = (is: string, hint: string): KeyLook => ({ usable: false, is, hint });
const printable = (text: string): string => text.replaceAll(/[^\w@.-]/g, "?").slice(0, 60);

function attempt<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
