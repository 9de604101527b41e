/** Weights of CVSS 3.1 base metrics: https://www.first.org/cvss/v3.1/specification-document#7-4-Metric-Values */
const WEIGHT: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
};
const PRIVILEGES = { N: [0.85, 0.85], L: [0.62, 0.68], H: [0.27, 0.5] } as const;

/** Base score of a CVSS 3.0 or 3.1 vector; undefined for everything else. Pure. */
export function baseScore(vector: string): number | undefined {
  if (!/^CVSS:3\.[01]\//.test(vector)) return undefined;
  const metrics = new Map(
    vector
      .split("/")
      .slice(1)
      .map((part) => part.split(":") as [string, string]),
  );
  const weight = (name: string) => WEIGHT[name]?.[metrics.get(name) ?? ""] ?? Number.NaN;
  const changed = metrics.get("S") === "C";
  const privileges = PRIVILEGES[(metrics.get("PR") ?? "") as keyof typeof PRIVILEGES]?.[changed ? 1 : 0] ?? Number.NaN;
  const iss = 1 - (1 - weight("C")) * (1 - weight("I")) * (1 - weight("A"));
  const impact = changed ? 7.52 * (iss - 0.029) - 3.25 * (iss - 0.02) ** 15 : 6.42 * iss;
  const exploitability = 8.22 * weight("AV") * weight("AC") * privileges * weight("UI");
  if (Number.isNaN(impact + exploitability)) return undefined;
  if (impact <= 0) return 0;
  return roundUp(Math.min((changed ? 1.08 : 1) * (impact + exploitability), 10));
}

/** Of the same specification, appendix A. */
function roundUp(value: number): number {
  const whole = Math.round(value * 100_000);
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10;
}
