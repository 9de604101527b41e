import type { Finding, Seen, Trouble } from "../types.ts";

/** Answers of name servers that are certain: there is no such name, or no address at it. */
const ABSENT = new Set(["ENOTFOUND", "ENODATA"]);
/** Our own machine, or its network, cannot. */
const OURS = new Set([
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "EACCES",
  "EPERM",
  "ENETUNREACH",
  "ENETDOWN",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "EADDRNOTAVAIL",
  "EAI_AGAIN",
]);
/** Connections that came to nothing: by the host's doing, or by something on the way. */
const LOST = new Set(["TIMEOUT", "UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT", "ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/** Why certificates are not trusted, in words. Others are named by their code. */
const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "has expired",
  CERT_NOT_YET_VALID: "is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "is for other names",
  DEPTH_ZERO_SELF_SIGNED_CERT: "is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "is signed by an authority that is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "comes without the certificates in between, or is not signed by a trusted authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "is not signed by a trusted authority",
  CERT_REVOKED: "is revoked",
};

/** What the lack of an answer says. Pure. */
export function judgeTrouble({ stage, code }: Trouble, { certificate }: Pick<Seen, "certificate">): Finding {
  if (stage === "name") {
    if (ABSENT.has(code)) return { about: "name", verdict: "fail", text: "the name does not exist" };
    return { about: "name", verdict: "inconclusive", text: `name servers do not answer (${code})` };
  }
  if (stage === "proxy") {
    return { about: "connection", verdict: "inconclusive", text: `the proxy does not lead there (${code})` };
  }
  if (certificate?.problem === code) {
    return { about: "certificate", verdict: "fail", text: `the certificate ${CERTIFICATE[code] ?? `fails: ${code}`}` };
  }
  if (OURS.has(code)) {
    return { about: "connection", verdict: "inconclusive", text: `this machine cannot connect (${code})` };
  }
  if (stage === "connect" || (stage === "tls" && LOST.has(code))) {
    return { about: "connection", verdict: "inconclusive", text: `there is no connection (${code})`, unreached: true };
  }
  if (stage === "tls") return { about: "certificate", verdict: "fail", text: `the TLS handshake fails (${code})` };
  // The connection stood, so the server that took it is the one that is silent.
  const how = code === "TIMEOUT" || code.endsWith("_TIMEOUT") ? "in time" : `(${code})`;
  return { about: "answer", verdict: "fail", text: `takes the connection and does not answer ${how}` };
}
