import { checkTargets, type Target, timesKey } from "../../checks/index.ts";
import type { CheckResult, DeploymentCheck } from "./types.ts";

/** The checks of `checks/` in the form that a release takes. */
export const releaseCheck: DeploymentCheck = async (subject, settings, { deadline, signal }): Promise<CheckResult> => {
  const { host, ref, deploymentId } = subject;
  const target: Target = {
    id: host,
    kind: "deployment",
    host,
    origin: `https://${host}`,
    check: settings.check,
    // Uploaded files have no commit that a page could name.
    expected: ref === "" ? {} : { ref, deployment: deploymentId },
    bypass: () => subject.bypass(),
  };
  const times = new Map([[timesKey("here", host), subject.usual ?? []]]);
  const [result] = await checkTargets([target], { deadline, signal, times });
  const [seen] = result?.vantages ?? [];
  const [page] = seen?.evidence ?? [];
  const warning = seen?.findings.find(({ about, verdict }) => about === "time" && verdict === "note")?.text;
  return {
    verdict: result?.verdict ?? "inconclusive",
    reason: seen?.tries === 0 ? "there was no time to check it" : (result?.reason ?? "nothing was asked"),
    ...(warning === undefined ? {} : { warning }),
    evidence: {
      url: `https://${host}${settings.check.path}`,
      tries: seen?.tries ?? 0,
      status: page?.status,
      milliseconds: seen?.milliseconds === undefined ? undefined : Math.round(seen.milliseconds),
      excerpt: page?.excerpt,
      whole: result,
    },
  };
};
