import type { Check } from "../../catalog/index.ts";
import type { CheckResult, DeploymentCheck } from "../../provider/check/types.ts";
import { checkTargets } from "./run.ts";
import type { Target } from "./types.ts";

/** What a release does not say of its check. Its own address has neither a baseline nor redirects of the host's. */
const REST: Omit<Check, "path" | "statuses" | "marker" | "tries" | "timeoutSeconds"> = {
  redirect: null,
  https: false,
  release: { header: null, meta: null, path: null, required: false },
  // Vercel's own certificate for *.vercel.app: that it is valid is enough.
  tls: { verify: true, days: 0 },
  slow: { percent: 30, floorMs: 100, samples: 20, least: 5, fails: false },
};
/** Statuses that pass when a release names none. */
const ANY_GOOD = Array.from({ length: 200 }, (_, index) => 200 + index);

/** These checks in the form that the resource type Release takes. */
export const releaseCheck: DeploymentCheck = async (subject, settings, { deadline, signal }): Promise<CheckResult> => {
  const { path, statuses, marker, tries, timeoutMs } = settings;
  const target: Target = {
    id: subject.host,
    kind: "deployment",
    host: subject.host,
    origin: `https://${subject.host}`,
    check: {
      ...REST,
      path,
      statuses: statuses.length === 0 ? ANY_GOOD : statuses,
      marker: marker ?? null,
      tries,
      timeoutSeconds: timeoutMs / 1000,
    },
    expected: subject.ref === "" ? {} : { ref: subject.ref },
    bypass: () => subject.bypass(),
  };
  const [result] = await checkTargets([target], { deadline, signal });
  const [seen] = result?.vantages ?? [];
  const [page] = seen?.evidence ?? [];
  return {
    verdict: result?.verdict ?? "inconclusive",
    reason: result?.reason ?? "nothing was asked",
    evidence: {
      url: `https://${subject.host}${path}`,
      tries: seen?.tries ?? 0,
      ...(page?.status === undefined ? {} : { status: page.status }),
      ...(page === undefined ? {} : { milliseconds: Math.round(page.timing.totalMs) }),
      ...(page?.excerpt === undefined ? {} : { excerpt: page.excerpt }),
    },
  };
};
