import type { Browser, Page } from "playwright-core";
import type { Quality } from "../../model/index.ts";
import { judged, most } from "../judge.ts";
import { orNotRun, Unusable } from "../source/read.ts";
import type { Finding, Judged, PageSubject } from "../types.ts";
import { freshly, visit } from "./open.ts";

/** A page, and what it leads to. */
interface PolicySeen {
  readonly page: string;
  /** The policy's address; undefined where the page has no link to one. */
  readonly policy?: string | undefined;
}

/** Whether the privacy policy can be reached from each page, is new enough and names what it must. */
export const privacyPolicy = ({ settings, origin, pages, now }: PageSubject, browser: Browser): Promise<Judged> =>
  orNotRun(() =>
    freshly(browser, async (context) => {
      const page = await context.newPage();
      const seen: PolicySeen[] = [];
      for (const path of pages) {
        await visit(page, `${origin}${path}`);
        seen.push({ page: path, policy: await linkOn(page, settings.privacyPolicy.link) });
      }
      const texts = new Map<string, string>();
      for (const policy of new Set(seen.flatMap((one) => one.policy ?? []))) {
        const opened = await visit(page, policy).then(
          () => page.evaluate(TEXT),
          (error: unknown) => {
            if (error instanceof Unusable) return "";
            throw error;
          },
        );
        texts.set(policy, String(opened));
      }
      return judgePolicy(seen, texts, settings.privacyPolicy, now);
    }),
  );

/** What people read on a page, and the dates that it states for programs. */
const TEXT = `[document.body.innerText, ...[...document.querySelectorAll("time[datetime]")].map((one) => one.getAttribute("datetime"))].join("\\n").slice(0, 500000)`;

async function linkOn(page: Page, words: readonly string[]): Promise<string | undefined> {
  const links = (await page.evaluate(
    `[...document.querySelectorAll("a[href]")].filter((one) => one.checkVisibility()).slice(0, 5000).map((one) => [one.innerText, one.href])`,
  )) as [string, string][];
  const fits = ([text, href]: [string, string]) =>
    /^https?:/.test(href) && words.some((word) => `${text} ${href}`.toLowerCase().includes(word.toLowerCase()));
  return links.find(fits)?.[1];
}

/** Judges what was seen. @param texts of policies by address; empty where it could not be opened Pure. */
function judgePolicy(
  seen: readonly PolicySeen[],
  texts: ReadonlyMap<string, string>,
  { notBefore, names }: Quality["privacyPolicy"],
  now: number,
): Judged {
  const findings: Finding[] = seen
    .filter(({ policy }) => policy === undefined)
    .map(({ page }) => ({ rule: "link", level: "error", message: "no link leads to the privacy policy", file: page }));
  for (const [policy, text] of texts) {
    const wrong = (rule: string, message: string) => findings.push({ rule, level: "error", message, url: policy });
    if (text.trim() === "") {
      wrong("open", "the privacy policy cannot be opened, or is empty");
      continue;
    }
    for (const name of names)
      if (!text.toLowerCase().includes(name.toLowerCase())) wrong("names", `does not name ${name}`);
    if (notBefore === undefined) continue;
    const dates = datesIn(text).filter((date) => Date.parse(date) <= now);
    const newest = dates.toSorted().at(-1);
    if (newest === undefined) wrong("date", "states no date");
    else if (newest < notBefore) wrong("date", `is of ${newest}; it must be of ${notBefore} or later`);
  }
  return judged([most("problems", findings.length, 0), { name: "pages", value: seen.length }], findings);
}

const MONTHS: readonly RegExp[] = [
  /^(jan|jän)/i,
  /^feb/i,
  /^(mär|maer|mar)/i,
  /^apr/i,
  /^ma[iy]/i,
  /^jun/i,
  /^jul/i,
  /^aug/i,
  /^sep/i,
  /^o[kc]t/i,
  /^nov/i,
  /^de[zc]/i,
];

/** Days that a text states, as ISO 8601 has them: `1. März 2026`, `01.03.2026`, `March 1, 2026`, `2026-03-01`, `März 2026` (its first). Pure. */
export function datesIn(text: string): string[] {
  const all = (pattern: RegExp) => [...text.matchAll(pattern)];
  const monthOf = (word: string) => MONTHS.findIndex((pattern) => pattern.test(word)) + 1;
  const iso = (year: string, month: number, day: number) => {
    const date = `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
    const time = Date.parse(`${date}T00:00:00Z`);
    return month > 0 && !Number.isNaN(time) && new Date(time).toISOString().startsWith(date) ? [date] : [];
  };
  return [
    ...all(/\b(20\d\d)-(\d\d)-(\d\d)/g).flatMap(([, year = "", month, day]) => iso(year, Number(month), Number(day))),
    ...all(/\b(\d{1,2})\. ?(\d{1,2})\. ?(20\d\d)\b/g).flatMap(([, day, month, year = ""]) =>
      iso(year, Number(month), Number(day)),
    ),
    ...all(/\b(\d{1,2})(?:\.|st|nd|rd|th)? (\p{L}{3,9})\.?,? (20\d\d)\b/gu).flatMap(([, day, month = "", year = ""]) =>
      iso(year, monthOf(month), Number(day)),
    ),
    ...all(/(\p{L}{3,9}) (\d{1,2}),? (20\d\d)\b/gu).flatMap(([, month = "", day, year = ""]) =>
      iso(year, monthOf(month), Number(day)),
    ),
    ...all(/(?<![\d.] ?)(?<!\p{L})(\p{L}{3,9}) (20\d\d)\b/gu).flatMap(([, month = "", year = ""]) =>
      iso(year, monthOf(month), 1),
    ),
  ];
}
