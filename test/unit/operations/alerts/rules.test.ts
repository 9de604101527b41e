import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { casesOf, evaluate, lookAt, parseExpression, readRules } from "../../../../fleet/alerts/index.ts";
import { FAMILIES, type FamilyName, type Sample, sample } from "../../../../fleet/metrics/index.ts";
import { grafanaFiles, monitoringFiles } from "../../../../operations/alerts/files.ts";
import { alerts } from "../../../../operations/alerts.ts";
import { perform } from "../../../../operations/kit/operation.ts";
import { tempDir } from "../../plesk/support/temp.ts";

// What breaks when these fail: Prometheus and `sitefleet watch` tell different people different things, or none tells any.

const rules = readRules("catalog");

describe("every rule", () => {
  // The same cases are the file that `promtool test rules` takes: `npm run alerts:check`.
  const cases = rules.flatMap((rule) => casesOf(rule) ?? [{ rule, name: rule.alert, series: [], expect: [] }]);

  it.each(cases)("$name", ({ rule, series, expect: wanted }) => {
    expect(wanted.length).toBeGreaterThan(0);
    const minutes = Math.max(...series.map(({ values }) => values.length));
    let before: ReturnType<typeof lookAt>["active"] = [];
    let lastAt: number | undefined;
    for (let minute = 0; minute < minutes; minute++) {
      const samples = series.flatMap(({ metric, labels, values }) => {
        const value = values[minute];
        return value === undefined ? [] : [sample(metric, value, labels)];
      });
      const look = lookAt([rule], samples, before, lastAt, minute * 60_000);
      [before, lastAt] = [look.active, minute * 60_000];
      const firing = before.filter(({ firingSince }) => firingSince !== undefined).map(({ labels }) => labels);
      const want = wanted.find((one) => one.minute === minute);
      if (want !== undefined) expect(firing, `minute ${minute}`).toEqual(want.firing);
    }
  });

  it("is of the times that were ordered", () => {
    const times = Object.fromEntries(rules.map(({ alert, for: lasts, severity }) => [alert, `${severity} ${lasts}`]));
    expect(times).toMatchObject({
      ServiceDown: "critical 0m",
      DatabaseDown: "critical 0m",
      SecurityIncident: "critical 0m",
      SlowAnswers: "warning 15m",
      ErrorRate: "warning 30m",
      DiskAlmostFull: "warning 1h",
    });
  });
});

describe("files for other programs", () => {
  const committed = (folder: string, files: readonly { name: string; text: string }[]) =>
    files.map(({ name }) => ({ name, text: readFileSync(join(folder, name), "utf8") }));

  it("are committed as they are made (node toolchain/run.mjs operations/alerts/generate.ts)", () => {
    const made = monitoringFiles(rules);
    expect(committed("monitoring", made)).toEqual(made);
    const sample = "catalog/sample/artifacts/grafana/provisioning";
    expect(committed(sample, grafanaFiles())).toEqual(grafanaFiles());
    expect(readdirSync(`${sample}/dashboards`).length).toBe(4);
  });

  const queries = grafanaFiles()
    .filter(({ name }) => name.endsWith(".json"))
    .flatMap(({ name, text }) =>
      (JSON.parse(text) as { panels: { title: string; targets: { expr: string }[] }[] }).panels.flatMap((panel) =>
        panel.targets.map(({ expr }) => ({ name, title: panel.title, expr })),
      ),
    );

  it.each(queries)("$name: $title is PromQL of metrics that exist: $expr", async ({ expr }) => {
    const { parser } = await import("@prometheus-io/lezer-promql");
    const names: string[] = [];
    parser.parse(expr).iterate({
      enter(node) {
        expect(node.type.isError).toBe(false);
        if (node.name === "Identifier") names.push(expr.slice(node.from, node.to));
      },
    });
    expect(names.length).toBeGreaterThan(0);
    // ALERTS is what Prometheus makes of rules that are on.
    expect(names.filter((name) => !(name in FAMILIES) && name !== "ALERTS")).toEqual([]);
  });
});

/** Rules with one expression, as a catalog has them. */
async function withRules(text: string) {
  const dir = tempDir("sitefleet-alerts-");
  mkdirSync(join(dir, "catalog"));
  writeFileSync(join(dir, "catalog/alerts.yaml"), text);
  const estate = { catalogDir: join(dir, "catalog"), configFile: "" };
  const { document } = await perform(alerts, {}, { estate });
  return document.rules;
}
const rule = (expr: string, more = "for: 5m") =>
  `rules:\n  - alert: Mine\n    expr: ${JSON.stringify(expr)}\n    ${more}\n    severity: warning\n    summary: mine\n`;

describe("a rule that the two engines cannot agree on is refused with file, line and field", () => {
  it.each([
    ["rate(sitefleet_database_slow_queries_total[5m]) > 1", "rules[0].expr: calls rate"],
    ["sitefleet_health_up offset 5m == 0", "rules[0].expr: has sitefleet_health_up offset 5m"],
    ["max_over_time(sitefleet_health_up[5m:1m]) > 0", "rules[0].expr: calls max_over_time"],
    ["sitefleet_health_up == bool 0", "rules[0].expr: has bool"],
    ["nothing_of_ours > 1", "rules[0].expr: reads nothing_of_ours, which sitefleet does not expose"],
    ['sitefleet_health_up{commit="x"} == 0', "rules[0].expr: asks sitefleet_health_up for the label commit"],
    ['sitefleet_health_up{host=~"a{2}"} == 0', "rules[0].expr: has the pattern"],
    ['sitefleet_health_up{host=~"(?i)a"} == 0', "rules[0].expr: has the pattern"],
    ["sitefleet_health_up == ", "rules[0].expr: cannot be read"],
    ["1 > 0", "rules[0].expr: compares two numbers"],
    ["time()", "rules[0].expr: reads no metric"],
    ["sitefleet_health_up > 5m", "rules[0].expr: has 5m, which is no plain number"],
    ["sitefleet_health_up and 1", "rules[0].expr: has and beside a number"],
    ["sum without (host) (sitefleet_health_up) > 1", "rules[0].expr: aggregates without labels"],
    ["quantile(0.9, sitefleet_health_response_seconds) > 1", "rules[0].expr: aggregates by quantile"],
    [
      "sitefleet_health_up * on (host) group_left sitefleet_health_inconclusive > 0",
      "rules[0].expr: has group_left or group_right",
    ],
    ["sitefleet_health_up % 2 == 0", "rules[0].expr: has the operator %"],
    ["-sitefleet_health_up > 0", "rules[0].expr: has -sitefleet_health_up"],
  ])("%s", async (expr, message) => {
    await expect(withRules(rule(expr))).rejects.toMatchObject({
      code: "alerts.invalid",
      details: [expect.stringMatching(/alerts\.yaml:3: /)],
    });
    await expect(withRules(rule(expr))).rejects.toMatchObject({ details: [expect.stringContaining(message)] });
  });

  it.each([
    [rule("sitefleet_health_up == 0", "for: 15s"), 4, "rules[0].for"],
    [rule("sitefleet_health_up == 0").replace("mine\n", "'{{ $value }}'\n"), 6, "rules[0].summary: has a template"],
    [
      rule("sitefleet_host_up == 0").replace("mine\n", "'{{ $labels.cell }}'\n"),
      6,
      "rules[0].summary: names the label",
    ],
    [
      `${rule("sitefleet_health_up == 0")}${rule("sitefleet_health_up == 0").replace("rules:\n", "")}`,
      7,
      "stands twice",
    ],
    [rule("sitefleet_health_up == 0").replace("warning", "page"), 5, "rules[0].severity"],
  ])("and so is what is not about the expression: %#", async (text, line, message) => {
    await expect(withRules(text)).rejects.toMatchObject({
      details: expect.arrayContaining([expect.stringMatching(new RegExp(`alerts\\.yaml:${line}: `))]),
    });
    await expect(withRules(text)).rejects.toMatchObject({
      details: expect.arrayContaining([expect.stringContaining(message)]),
    });
  });

  it("but one that they agree on takes the place of the usual ones", async () => {
    expect(await withRules(rule("sum by (zone) (sitefleet_health_up) < 3"))).toEqual([
      expect.objectContaining({ alert: "Mine", for: "5m", tested: true }),
    ]);
  });
});

describe("an expression gives what Prometheus gives", () => {
  const of = (name: string, value: number, labels: Record<string, string> = {}): Sample =>
    sample(name as FamilyName, value, labels);
  const up = (host: string, value: number, kind = "site") => of("sitefleet_health_up", value, { host, kind });
  const doubt = (host: string, value: number, kind = "site") =>
    of("sitefleet_health_inconclusive", value, { host, kind });
  const samples = [
    up("a", 1),
    up("b", 0),
    up("c", 0, "service"),
    doubt("a", 0),
    doubt("b", 1),
    of("sitefleet_health_failed_ratio", 0),
  ];

  it.each([
    ['sitefleet_health_up{kind="site"} == 0', [["b", 0]]],
    ['sitefleet_health_up{kind!="site"}', [["c", 0]]],
    ['sitefleet_health_up{host=~"a|b"} > 0', [["a", 1]]],
    [
      'sitefleet_health_up{host!~"a.*"}',
      [
        ["b", 0],
        ["c", 0],
      ],
    ],
    ['sitefleet_health_up{zone=""} == 1', [["a", 1]]],
    ["sitefleet_health_up == 0 unless sitefleet_health_inconclusive == 1", [["c", 0]]],
    ["sitefleet_health_up == 0 and sitefleet_health_inconclusive == 1", [["b", 0]]],
    [
      "sitefleet_health_up + sitefleet_health_inconclusive",
      [
        ["a", 1],
        ["b", 1],
      ],
    ],
    ["sitefleet_health_up - on (host) sitefleet_health_inconclusive < 0", [["b", -1]]],
    ["0 < sitefleet_health_up", [["a", 1]]],
    ["sum by (kind) (sitefleet_health_up) == 1", [[undefined, 1]]],
    ["count(sitefleet_health_up) > 2", [[undefined, 3]]],
    ["absent(sitefleet_rollout_open)", [[undefined, 1]]],
    ['absent(sitefleet_health_up{host="a"})', []],
    [
      "time() - sitefleet_health_up > 9",
      [
        ["a", 9.5],
        ["b", 10.5],
        ["c", 10.5],
      ],
    ],
    ["1 / sitefleet_health_failed_ratio > 5", [[undefined, Number.POSITIVE_INFINITY]]],
    ["sitefleet_health_failed_ratio / sitefleet_health_failed_ratio >= 0", []],
  ])("%s", (text, wanted) => {
    const found = evaluate(parseExpression(text), samples, 10_500);
    expect(found.map(({ labels, value }) => [labels.host, value])).toEqual(wanted);
  });

  it("and no answer where a side is ambiguous; what has fired then stays", () => {
    const text = "sitefleet_health_up - on (kind) sitefleet_health_inconclusive == 0";
    const one = { ...(rules[0] as (typeof rules)[0]), alert: "Mine", expression: parseExpression(text), forMs: 0 };
    const before = [{ alert: "Mine", labels: { kind: "site" }, since: 0, firingSince: 0, value: 1 }];
    expect(lookAt([one], samples, before, 0, 60_000)).toMatchObject({
      active: before,
      transitions: [],
      failed: [{ alert: "Mine" }],
    });
  });
});
