import type { Finding, Seen, Target } from "../types.ts";

const DAY = 86_400_000;

/** What the certificate of an answer says; nothing when the connection had none. Pure. */
export function judgeCertificate(
  { certificate, clear }: Seen,
  { days }: Target["check"]["tls"],
  now: number,
): Finding | undefined {
  if (clear) return { about: "certificate", verdict: "note", text: "is asked in clear: no certificate is looked at" };
  if (certificate === undefined) return undefined;
  // Asked for all the same because the check says so.
  if (certificate.problem) {
    return {
      about: "certificate",
      verdict: "note",
      text: `the certificate is not to be trusted (${certificate.problem})`,
    };
  }
  const left = daysLeft(certificate, now);
  const text = `its certificate ends in ${Math.floor(left)} days`;
  if (left >= days) return { about: "certificate", verdict: "pass", text };
  return { about: "certificate", verdict: "fail", text: `${text}, less than ${days}` };
}

/** Days until a certificate ends. Pure. */
function daysLeft({ until }: { readonly until: number }, now: number): number {
  return (until - now) / DAY;
}
