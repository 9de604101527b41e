import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser } from "playwright-core";
import { judged, most } from "../judge.ts";
import { figure, jsonOf, list, mapping, orNotRun, textOf, Unusable } from "../source/read.ts";
import type { Finding, Judged, PageSubject } from "../types.ts";
import { freshly, visit } from "./open.ts";

/** Success criteria of WCAG 2.2 A and AA, and what is in them of earlier versions: https://www.deque.com/axe/core-documentation/api-documentation/#axecore-tags */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

let source: string | undefined;

/** Violations of WCAG 2.2 on a service's pages. */
export const axe = ({ settings, origin, pages }: PageSubject, browser: Browser): Promise<Judged> =>
  orNotRun(() =>
    freshly(browser, async (context) => {
      source ??= readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
      const results: { page: string; text: string }[] = [];
      const page = await context.newPage();
      for (const path of pages) {
        await visit(page, `${origin}${path}`);
        // Through the debugger: a page's policy of content forbids scripts that are put into it.
        await page.evaluate(source);
        const run = `axe.run(document, { runOnly: { type: "tag", values: ${JSON.stringify(TAGS)} }, resultTypes: ["violations"] }).then((found) => JSON.stringify({ violations: found.violations, passes: found.passes.length, incomplete: found.incomplete.length }))`;
        const text: unknown = await page.evaluate(run).catch((error: unknown) => {
          throw new Unusable(
            `axe cannot look at ${path}: ${error instanceof Error ? error.message.split("\n")[0] : ""}`,
          );
        });
        results.push({ page: path, text: textOf(text) });
      }
      return readAxe(results, settings.thresholds.axe.violations);
    }),
  );

/** What axe found. @throws Unusable Pure. */
export function readAxe(results: readonly { readonly page: string; readonly text: string }[], limit: number): Judged {
  if (results.length === 0) throw new Unusable("no page was looked at");
  let [passes, incomplete] = [0, 0];
  const findings = results.flatMap(({ page, text }): Finding[] => {
    const found = mapping(jsonOf(text, "axe's answer"), "axe's answer");
    const passed = figure(found.passes, "passes");
    const violations = list(found.violations, "axe's answer");
    if (passed + violations.length === 0) throw new Unusable(`axe has found nothing to look at on ${page}`);
    passes += passed;
    incomplete += figure(found.incomplete, "incomplete");
    return violations.map((one) => {
      const { id, help, nodes, helpUrl, impact } = mapping(one, "a violation");
      const places = list(nodes, "a violation");
      const target = places.length > 0 ? list(mapping(places[0], "a place").target, "a place").join(" ") : "";
      const more = places.length > 1 ? ` and ${places.length - 1} more` : "";
      return {
        rule: textOf(id),
        level: "error",
        message: `${textOf(impact)}: ${textOf(help)} at ${target}${more}`,
        file: page,
        url: textOf(helpUrl),
      };
    });
  });
  return judged(
    [
      most("violations", findings.length, limit),
      { name: "rules passed", value: passes },
      { name: "to be looked at by a person", value: incomplete },
    ],
    findings,
  );
}
