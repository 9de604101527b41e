import { SitefleetError } from "../../errors/index.ts";
import { EXIT } from "../exit-codes.ts";
import { lookAtKey } from "./look.ts";

/** Where a private key came from, for the person who has to put it right. */
export interface KeyOrigin {
  /** Name of the secret, e.g. `SSH_PRIVATE_KEY`. */
  readonly secret: string;
  /** Where its value was found, e.g. `the environment`. */
  readonly from: string;
}

/** Why a key cannot be used, as a sentence, and what to do; undefined when it can. Nothing of the key is in it. Pure. */
export function faultOfKey(text: string, origin?: KeyOrigin): { message: string; hint: string } | undefined {
  const look = lookAtKey(text);
  if (look.usable) return undefined;
  const what = origin === undefined ? "the private key" : `the private key ${origin.secret} (from ${origin.from})`;
  return { message: `${what} ${look.is}`, hint: look.hint };
}

/** @throws SitefleetError `plesk.private-key` for the first key that cannot be used; all of them are among the details */
export function refuseUnusableKeys(keys: readonly (KeyOrigin & { readonly text: string })[]): void {
  const faults = keys.flatMap(({ text, ...origin }) => faultOfKey(text, origin) ?? []);
  const [first] = faults;
  if (first === undefined) return;
  throw new SitefleetError({
    code: "plesk.private-key",
    message: first.message,
    hint: first.hint,
    details: faults.slice(1).map(({ message, hint }) => `${message}; ${hint}`),
    exitCode: EXIT.connection,
  });
}
