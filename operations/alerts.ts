import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { casesOf, type Rule, readRules } from "../fleet/alerts/index.ts";
import { writeDocument } from "../fleet/change-set/index.ts";
import { monitoringFiles } from "./alerts/files.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** Rules that were read, and what was made of them. */
export interface Alerts {
  readonly rules: readonly Rule[];
  /** Written. */
  readonly files: readonly string[];
}

/** The rules by which a person is told, and what other programs take of them. */
export const alerts = defineOperation({
  name: "alerts",
  summary: "check the rules of alerts.yaml, and write what Prometheus, Alertmanager and Grafana take of them",
  // Only with --out.
  changes: true,
  input: z.object({
    out: flag(
      z.string().min(1).optional(),
      "--out <dir>",
      "write Prometheus' rules and their tests, Alertmanager's routes and Grafana's dashboards into this directory",
    ),
  }),
  events: noEvents,
  output: z.object({
    rules: z.array(
      z.object({
        alert: z.string(),
        expr: z.string(),
        for: z.string(),
        severity: z.enum(["critical", "warning"]),
        summary: z.string(),
        tested: z.boolean().describe("values were found for which it fires, so that it has tests"),
      }),
    ),
    files: z.array(z.string()).describe("what was written"),
  }),
  async run({ out }, { estate }): Promise<Alerts> {
    const rules = readRules(estate.catalogDir);
    if (out === undefined) return { rules, files: [] };
    const files = monitoringFiles(rules).map(({ name, text }) => {
      const file = join(out, name);
      if (!existsSync(dirname(file))) mkdirSync(dirname(file), { recursive: true });
      writeDocument(file, text);
      return file;
    });
    return { rules, files };
  },
  document: ({ rules, files }) => ({
    rules: rules.map((rule) => {
      const { alert, expr, for: lasts, severity, summary } = rule;
      return { alert, expr, for: lasts, severity, summary, tested: casesOf(rule) !== undefined };
    }),
    files: [...files],
  }),
});
