import type { Finding, HealthResult, VantageResult, Verdict } from "../types.ts";

/** One failure decides; else one doubt; else it passes, if anything was found at all. Pure. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  const verdicts = new Set(findings.map(({ verdict }) => verdict));
  if (verdicts.has("fail")) return "fail";
  return verdicts.has("inconclusive") || !verdicts.has("pass") ? "inconclusive" : "pass";
}

/**
 * The verdict over vantages: those that agree decide, those in doubt do not count beside them, and when one passes what
 * another fails, the verdict is open. Pure; the order does not matter.
 */
export function combine(verdicts: readonly Verdict[]): Verdict {
  const pass = verdicts.includes("pass");
  const fail = verdicts.includes("fail");
  if (pass === fail) return "inconclusive";
  return pass ? "pass" : "fail";
}

/** What decided, in one line. Pure. */
function reasonOf(vantages: readonly VantageResult[]): string {
  const verdict = combine(vantages.map((one) => one.verdict));
  const several = vantages.length > 1;
  if (verdict === "inconclusive" && vantages.some((one) => one.verdict === "pass")) {
    return `vantages disagree: ${vantages.map((one) => `${one.vantage} ${textOf(one)}`).join("; ")}`;
  }
  const decided = vantages.find((one) => one.verdict === verdict) ?? vantages[0];
  if (decided === undefined) return "nothing was asked";
  return several && verdict !== "pass" ? `${textOf(decided)} (from ${decided.vantage})` : textOf(decided);
}

function textOf({ findings, verdict }: VantageResult): string {
  const deciding = findings.filter((finding) => finding.verdict === verdict);
  if (verdict === "pass")
    return deciding.find(({ about }) => about === "status" || about === "redirect")?.text ?? "passes";
  return deciding.map(({ text }) => text).join("; ") || "nothing was seen that says anything";
}

/** Puts the parts of a result together. Pure. */
export function resultOf(
  target: Pick<HealthResult, "id" | "kind" | "host" | "url" | "zone" | "cell" | "service">,
  vantages: readonly VantageResult[],
): HealthResult {
  return { ...target, verdict: combine(vantages.map(({ verdict }) => verdict)), reason: reasonOf(vantages), vantages };
}

/**
 * Decides whether unreachable hosts are down, by the other hosts that were asked from the same vantage in the same run. Where most
 * were reached, the others are down. Where most were not reached, our network is to blame. Pure.
 */
export function withPeers(results: readonly HealthResult[]): HealthResult[] {
  const counts = new Map<string, { reached: number; unreached: number }>();
  for (const { vantage, findings } of results.flatMap(({ vantages }) => vantages)) {
    const count = counts.get(vantage) ?? { reached: 0, unreached: 0 };
    if (isUnreached(findings)) count.unreached++;
    else if (wasReached(findings)) count.reached++;
    counts.set(vantage, count);
  }
  return results.map((result) => {
    if (!result.vantages.some(({ findings }) => isUnreached(findings))) return result;
    const vantages = result.vantages.map((one) => {
      const { reached = 0, unreached = 0 } = counts.get(one.vantage) ?? {};
      if (!isUnreached(one.findings) || reached === 0 || reached < unreached) return one;
      const findings = one.findings.map((finding): Finding => {
        if (!finding.unreached) return finding;
        const others = reached === 1 ? "another host was" : `${reached} others were`;
        return { ...finding, verdict: "fail", text: `${finding.text}, while ${others} reached` };
      });
      return { ...one, findings, verdict: verdictOf(findings) };
    });
    return resultOf(result, vantages);
  });
}

const isUnreached = (findings: readonly Finding[]): boolean => findings.some(({ unreached }) => unreached === true);
const wasReached = (findings: readonly Finding[]): boolean =>
  findings.some(
    ({ about, verdict }) => ["status", "redirect", "protection", "answer"].includes(about) && verdict !== "note",
  );
