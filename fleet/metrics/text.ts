import { FAMILIES, type Family, type FamilyName } from "./families.ts";

/** A measured value. A label without a value is left out. */
export interface Sample {
  readonly name: FamilyName;
  readonly labels: Readonly<Record<string, string | undefined>>;
  readonly value: number;
}

/** States a sample. */
export const sample = (name: FamilyName, value: number, labels: Sample["labels"] = {}): Sample => ({
  name,
  labels,
  value,
});

/** The same where the value is known. */
export const known = (name: FamilyName, value: number | undefined, labels: Sample["labels"] = {}): Sample[] =>
  value === undefined || Number.isNaN(value) ? [] : [sample(name, value, labels)];

// prom-client keeps a registry for metrics that live on; here a text is made once of values that are there. It also prints the head
// of a metric without samples, and loads 4 MB of code that is not needed for that.
/**
 * Samples in the text format of Prometheus, by family in the order of {@link FAMILIES}. A series that stands twice is printed once: the
 * scrape of a text with two would fail as a whole. Pure.
 */
export function renderMetrics(samples: readonly Sample[]): string {
  const byName = Map.groupBy(samples, ({ name }) => name);
  const lines = (Object.entries(FAMILIES) as [FamilyName, Family][]).flatMap(([name, { type, help }]) => {
    const own = byName.get(name) ?? [];
    if (own.length === 0) return [];
    const series = new Map(own.map(({ labels, value }) => [labelText(labels), value]));
    return [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...[...series].map(([labels, value]) => `${name}${labels} ${valueText(value)}`),
    ];
  });
  return `${lines.join("\n")}\n`;
}

function labelText(labels: Sample["labels"]): string {
  const parts = Object.entries(labels).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${value.replace(/[\\"\n]/g, (c) => (c === "\n" ? "\\n" : `\\${c}`))}"`],
  );
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

const valueText = (value: number): string => (Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf");
