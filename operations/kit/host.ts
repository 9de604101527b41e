import { normaliseName } from "../../model/index.ts";

/**
 * A host as a person writes it on the command line, as the catalog keeps it: umlauts in punycode, lower case, without a dot
 * at its end. What is no host stays as it is, and the look-up says so. Pure.
 */
export function hostOf(text: string): string {
  const plain = text.trim().normalize("NFC").toLowerCase().replace(/\.$/, "");
  const normal = normaliseName(plain);
  return "name" in normal ? normal.name : text;
}

/** Collects hosts of an option that may be given several times, or once with commas. */
export const collectHosts = (value: string, previous: string[] = []): string[] => [
  ...previous,
  ...value.split(",").map(hostOf),
];
