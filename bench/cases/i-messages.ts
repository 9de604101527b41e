import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Estate } from "../estate/estate.ts";
import { cellOptions } from "../estate/fleet.ts";
import { hostOf, ownRows, plainNames } from "../estate/sites.ts";
import { ratio } from "../measure/ratios.ts";
import type { Check, Row, Say } from "../types.ts";

/** Sites of the short run: the shorter, the more a wait weighs. */
const SITES = 4;
/** Runs of each kind in turn; the quickest is compared. */
const ROUNDS = 5;
/** What is promised. */
const MOST = 1.05;

const fault = (action: object) => ({ faults: [{ id: "receivers", vendor: "chat", path: ".", action }] });
/** What the receivers do; undefined: there are none. */
const RECEIVERS: Readonly<Record<string, object | undefined>> = {
  "no receivers": undefined,
  "that hang": fault({ type: "hang" }),
  "that answer 429 for an hour": fault({ type: "status", status: 429, retryAfter: 3600 }),
  "that answer 500": fault({ type: "status", status: 500 }),
};

/** (i) Short runs while all four kinds of receivers hang, are limited, or fail, against runs without receivers. */
export async function messages(_sizes: unknown, say: Say): Promise<{ rows: Row[]; checks: Check[] }> {
  const rows = ownRows(plainNames(SITES)).map((row) => ({ ...row, channel: "stable" }));
  const estate = await Estate.open(rows);
  try {
    const cells = cellOptions(rows.map(hostOf));
    const up = () => estate.sitefleet("up", "--yes", "--no-check", ...cells);
    say(`preparing: first up of ${SITES} sites`);
    await estate.sitefleet("up", "--yes", "--no-check", "--stack", "prod", ...cells);
    await up();
    const measured = new Map<string, Row>();
    let turn = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (const [variant, faults] of Object.entries(RECEIVERS)) {
        say(`up of ${SITES} sites: ${variant}`);
        turn++;
        declare(estate, faults === undefined ? undefined : turn);
        await estate.faults(faults ?? {});
        const channel = turn % 2 === 1 ? "beta" : "stable";
        estate.writeSites(rows.map((row) => ({ ...row, channel })));
        const { stdout, ...cost } = await up();
        const before = measured.get(variant);
        if (before === undefined || cost.wall < before.cost.wall)
          measured.set(variant, { variant, operation: "up", sites: SITES, stacks: cells.length / 2, cost });
      }
    }
    return { rows: [...measured.values()], checks: messageChecks([...measured.values()]) };
  } finally {
    await estate.close();
  }
}

/** Every run finds receivers that it has never met: what is known of one makes it quicker. */
function declare({ catalog }: Estate, turn: number | undefined): void {
  const file = join(catalog, "notify.yaml");
  rmSync(file, { force: true });
  if (turn === undefined) return;
  writeFileSync(
    file,
    `receivers:
  - { kind: slack, name: slack${turn}, webhook: SLACK_WEBHOOK_URL }
  - { kind: discord, name: discord${turn}, webhook: DISCORD_WEBHOOK_URL }
  - { kind: mail, name: mail${turn}, server: SMTP_URL, from: sitefleet@acme.example, to: [ops@acme.example] }
  - { kind: webhook, name: hook${turn}, url: NOTIFY_WEBHOOK_URL, secret: NOTIFY_WEBHOOK_SECRET }
`,
  );
}

/** What the runs say about the target. Pure. @param rows the first one is without receivers */
export function messageChecks([without, ...others]: readonly Row[]): Check[] {
  return others.map(({ variant, cost }) => ({
    claim: `up of ${SITES} sites with receivers ${variant}, against no receivers, wall time`,
    value: ratio(cost.wall, without?.cost.wall ?? 0),
    unit: "x",
    target: { is: "at most", value: MOST },
  }));
}
