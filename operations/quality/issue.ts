import { environment } from "../../environment/index.ts";
import { describeError, SitefleetError } from "../../errors/index.ts";
import { changeObject, type Store } from "../../fleet/backend/store/store.ts";
import { publishing } from "../../fleet/report/index.ts";
import { readNotify } from "../../model/index.ts";
import { type QualityResult, renderMarkdown } from "../../quality/index.ts";
import { VENDORS } from "../../vendors/index.ts";
import type { Shown } from "../../vendors/statuses.ts";
import { withoutSecretsOf } from "../kit/secrets.ts";

const KEY = "quality/lighthouse-issue.json";
const LABEL = "sitefleet-lighthouse";

/** What became of the issue. */
export interface IssueOutcome {
  readonly did: Shown["did"] | "failed" | "none";
  readonly url?: string | undefined;
  readonly reason?: string | undefined;
}

/**
 * Keeps one issue for as long as any page misses a threshold: opened at the first miss, kept up to date, closed when none is left. The
 * next miss after that is another issue.
 *
 * @param latest the newest result of Lighthouse of every page that was ever measured
 * @throws SitefleetError `report.busy`, `store.unreachable`
 */
export async function showMisses(
  catalogDir: string,
  store: Store,
  latest: readonly QualityResult[],
  now: number,
): Promise<IssueOutcome> {
  const missing = latest.filter(({ state }) => state === "fail");
  const since = await changeObject(store, KEY, (text) => {
    const known = sinceIn(text);
    const begun = known ?? (missing.length > 0 ? new Date(now).toISOString() : undefined);
    return { text: begun === undefined ? undefined : JSON.stringify({ since: begun }), result: begun };
  });
  if (since === undefined) return { did: "none" };
  const publish = readNotify(catalogDir)?.publish;
  if (publish === undefined) return { did: "none", reason: "notify.yaml declares no `publish`: no issue is kept" };
  const token = environment()[publish.token];
  if (!token) return { did: "none", reason: `${publish.token} is not set: no issue is kept` };
  const statuses = VENDORS.find((vendor) => vendor.statuses !== undefined)?.statuses;
  if (statuses === undefined) throw new Error("vendors/index.ts lists no vendor that keeps issues");
  const board = statuses.open(publish.repository, token, environment());
  const over = missing.length === 0;
  const names = missing.map(({ subject }) => subject.key);
  const some = `${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;
  const issue = {
    mark: `lighthouse ${since.replace(/[^\w.-]/g, "")}`,
    label: LABEL,
    title: over ? "Lighthouse: all pages reach the thresholds" : `Lighthouse: below the thresholds: ${some}`,
    body: withoutSecretsOf(environment())(
      renderMarkdown({ at: new Date(now).toISOString(), results: over ? latest : missing }),
    ),
    over,
  };
  return publishing<IssueOutcome>(store, `lighthouse ${since}`, async (made) => {
    try {
      const { did, handle, url } = await board.issue(issue, made.issue);
      if (over) await store.remove(KEY);
      return { handles: { issue: handle }, result: { did, url } };
    } catch (error) {
      if (!(error instanceof SitefleetError)) throw error;
      const handles: Record<string, string> = {};
      return { handles, result: { did: "failed", reason: describeError(error) } };
    }
  });
}

/** When the first page missed a threshold; undefined where none does. Pure. */
function sinceIn(text: string | undefined): string | undefined {
  try {
    const { since } = JSON.parse(text ?? "") as { since?: unknown };
    return typeof since === "string" ? since : undefined;
  } catch {
    return undefined;
  }
}
