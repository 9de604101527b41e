import type { QualityDocument, QualityResult } from "./document.ts";

/**
 * A run as SARIF 2.1.0, a run a check, for GitHub's code scanning and editors. What has not run is told as such, so that it is not
 * taken for green. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html Pure.
 */
export function renderSarif({ results }: QualityDocument): object {
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [...Map.groupBy(results, ({ check }) => check)].map(([check, of]) => runOf(check, of)),
  };
}

function runOf(check: string, results: readonly QualityResult[]): object {
  const rules = [...new Set(results.flatMap(({ findings }) => findings.map(({ rule }) => rule)))];
  return {
    tool: { driver: { name: check, rules: rules.map((id) => ({ id })) } },
    automationDetails: { id: `sitefleet/${check}/` },
    invocations: results.map(({ subject, state, reason }) => ({
      executionSuccessful: state !== "not-run",
      properties: { subject: `${subject.kind} ${subject.key}`, state },
      toolExecutionNotifications: reason === undefined ? [] : [{ level: "error", message: { text: reason } }],
    })),
    results: results.flatMap(({ subject, findings }) =>
      findings.map(({ rule, level, message, file, line, url }) => ({
        ruleId: rule,
        ruleIndex: rules.indexOf(rule),
        level,
        message: { text: `${subject.key}: ${message}` },
        locations: [placeOf(file ?? url ?? subject.key, line)],
      })),
    ),
  };
}

const placeOf = (place: string, line: number | undefined): object => ({
  physicalLocation: {
    artifactLocation: { uri: encodeURI(place.replace(/^\/+/, "") || "index") },
    ...(line === undefined ? {} : { region: { startLine: line } }),
  },
});
