import { withoutTokens } from "./token-forms.ts";

/** Longest text that is passed on, in characters. */
const LONGEST = 600;
/**
 * Characters that show nothing and change what is shown: controls, direction marks and overrides, joiners, variation selectors, tags
 * (https://www.unicode.org/reports/tr36/).
 */
const UNSEEN = /[\p{Cf}\p{Co}\p{Cs}\u115f\u1160\u3164\uffa0]|\p{Variation_Selector}/gu;

/**
 * A text from outside (a site's answer, a build's log) as one harmless line: nothing unseen, no line end, no credential of a known form,
 * no address that a reader could follow, no mention of everyone. What shows it has to escape its own markup as well. Pure.
 *
 * @param longest characters. @default 600
 */
export function plainLine(text: string, longest = LONGEST): string {
  const line = withoutTokens(text.slice(0, 20 * LONGEST).normalize("NFC"))
    .replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(UNSEEN, "")
    // Looking back over one character alone: a long word without an end would cost its square.
    .replace(/(?<=[a-z0-9+.-]):\/\//gi, "[:]//")
    .replace(/\b(mailto|javascript|data|tel):/gi, "$1[:]")
    .replace(/@(?=everyone|here|channel)/gi, "(at)")
    .trim();
  const characters = [...line];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : line;
}

/** Whether a text holds characters that show nothing and change what is shown. Pure. */
export const holdsUnseen = (text: string): boolean => text.search(UNSEEN) >= 0;
