import { cpuOf, growthPower, ratio } from "../measure/ratios.ts";
import type { Check, Row } from "../types.ts";

/** Operations whose growth is looked at. */
const GROWING = [
  "preview, nothing there",
  "first up",
  "preview --all, no change",
  "no-op up",
  "preview, 3 sites changed",
];
/** What is promised at this size, s. */
const PROMISED = { size: 1500, previewAll: 75, noOp: 5, threeChanged: 6 };
/** How much dearer the largest fleet may be: 3.7 for 3.33 times the sites. */
const LARGEST = { firstUp: 3.7, threeChanged: 1.3 };

/** What the rows say about growth. Targets hold for the sizes they were set for, others are only shown. Pure. */
export function growthChecks(rows: readonly Row[], sizes: readonly number[]): Check[] {
  const find = (operation: string, size: number) =>
    rows.find((row) => row.operation === operation && row.sites === size);
  const checks: Check[] = [];
  const at = (operation: string, most: number) => {
    const row = find(operation, PROMISED.size);
    if (row === undefined) return;
    const claim = `${operation}, ${PROMISED.size} sites`;
    checks.push({ claim, value: row.cost.wall, unit: "s", target: { is: "at most", value: most } });
  };
  at("preview --all, no change", PROMISED.previewAll);
  at("no-op up", PROMISED.noOp);
  at("preview, 3 sites changed", PROMISED.threeChanged);
  for (const size of sizes) {
    const noOp = find("no-op up", size);
    if (noOp?.writes === undefined) continue;
    const target = { is: "exactly", value: 0 } as const;
    checks.push({ claim: `API writes of a no-op up of ${size} sites`, value: noOp.writes, unit: "calls", target });
  }
  checks.push(...againstLargest(find, sizes));
  for (const operation of GROWING) {
    const measured = sizes.flatMap((size) => find(operation, size) ?? []);
    const power = growthPower(measured.map((row) => ({ size: row.sites, cost: cpuOf(row) })));
    if (power === undefined) continue;
    const note = "1 is linear, 0 does not grow";
    checks.push({ claim: `power of growth of CPU time: ${operation}`, value: power, unit: "x", note });
  }
  return checks;
}

function againstLargest(find: (operation: string, size: number) => Row | undefined, sizes: readonly number[]): Check[] {
  const [smaller, larger] = sizes.slice(-2);
  if (smaller === undefined || larger === undefined) return [];
  const full = smaller === PROMISED.size && larger === 5000;
  const compare = (operation: string, most?: number): Check[] => {
    const [low, high] = [find(operation, smaller), find(operation, larger)];
    if (low === undefined || high === undefined) return [];
    const target = most === undefined || !full ? {} : { target: { is: "at most", value: most } as const };
    const claim = `${operation}: ${larger} sites against ${smaller}`;
    return [
      { claim: `${claim}, wall time`, value: ratio(high.cost.wall, low.cost.wall), unit: "x", ...target },
      { claim: `${claim}, CPU time`, value: ratio(cpuOf(high), cpuOf(low)), unit: "x", ...target },
    ];
  };
  return [
    ...compare("first up", LARGEST.firstUp),
    ...compare("preview, 3 sites changed", LARGEST.threeChanged),
    ...compare("preview --all, no change"),
  ];
}
