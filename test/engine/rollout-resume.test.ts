import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cellOf, DEFAULT_CELLS, stackOfCell } from "../../model/index.ts";
import { compareWithState } from "../../sandbox/compare.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { Estate, type Row } from "../support/estate.ts";
import { descendants } from "../support/kill.ts";
import { randomFrom } from "../support/random.ts";
import { Visitors } from "../support/visitors.ts";

// What breaks when this fails: a rollout whose process dies leaves sites of which nobody knows what they serve, ends in a
// state that no later command gets out of, or calls a release bad that is not. Each round rolls a new release out, kills a
// random process of the run with SIGKILL at a random moment, and goes on with `rollout resume`; in every third one the
// release answers 500 on a site of the last wave. SITEFLEET_KILLS sets the number of rounds: 2 in CI, 20 in `npm run soak`.

const ROUNDS = Number(process.env.SITEFLEET_KILLS ?? 2);
const seed = Number(process.env.SITEFLEET_SEED ?? 89712);
/** Every third round is a bad release; with two rounds the second is. */
const isBad = (round: number) => round % 3 === 2;
/** Events of a rollout of three waves until its last wave starts; the kill comes after one of them. */
const EVENTS = 8;
/** Those after which stacks are updated. */
const WAVES_START = [2, 5, 8];
/** Share of the kills that come while a wave's stacks are updated. */
const IN_A_WAVE = 0.7;
/** Calls at vendors after that event, at most: a site takes about eight, and the smallest wave has two. */
const CALLS = 12;
const CELLS = ["07", "11"];

const rows: Row[] = [{ name: "first", tags: "canary" }, { name: "second", tags: "canary" }, ...inCells(8)];
const hosts = rows.map(({ name }) => `${name}.qmoney.de`);
const stackBy = (row: Row) =>
  stackOfCell(cellOf({ host: `${row.name}.qmoney.de`, tags: row.tags ? [row.tags] : [] }, DEFAULT_CELLS));
const STACKS = ["prod", ...new Set(rows.map(stackBy))].flatMap((stack) => ["--stack", stack]);
const estate = new Estate(rows, "none");
let visitors: Visitors;

function inCells(count: number): Row[] {
  const found: Row[] = [];
  for (let number = 0; found.length < count; number++) {
    const name = `shop${number}`;
    if (CELLS.includes(cellOf({ host: `${name}.qmoney.de`, tags: [] }, DEFAULT_CELLS))) found.push({ name });
  }
  return found;
}

const commitOf = (round: number) => round.toString(16).padStart(40, "0");
const release = (commit: string) =>
  estate.edit("releases.yaml", (text) => text.replace(/(stable:\n\s+ref: )"[0-9a-f]{40}"/, `$1"${commit}"`));
const calls = async () => ((await estate.control("/requests?latest=0")) as { total: number }).total;
const cli = (...args: string[]) => [
  `${PROJECT_ROOT}/cli/sitefleet.js`,
  "--sandbox",
  "--catalog",
  estate.catalog,
  ...args,
];
const live = async () => new Map([...(await visitors.round(hosts))].map(([host, { commit }]) => [host, commit]));
const onCommit = (commit: string, some: readonly string[]) => new Map(some.map((host) => [host, commit]));

/** Events of all rollouts so far. */
function events(): number {
  const dir = join(estate.stateDir, ".sitefleet", "rollouts");
  try {
    const logs = readdirSync(dir).filter((name) => name.endsWith(".events.jsonl"));
    return logs.reduce((sum, name) => sum + readFileSync(join(dir, name), "utf8").split("\n").length - 1, 0);
  } catch {
    return 0;
  }
}

/** Resolves a few calls after an event of the rollout, or when it has gone on without any. A moment in the work, not in time. */
async function moment(after: number, more: number, ended: () => boolean): Promise<void> {
  const base = events();
  while (!ended() && events() < base + after) await sleep(20);
  const then = await calls();
  while (!ended() && events() <= base + after && (await calls()) < then + more) await sleep(20);
}

beforeAll(async () => {
  estate.edit("zones.yaml", (text) => text.replaceAll("mode: create", "mode: existing"));
  estate.edit("rollout.yaml", (text) =>
    text.replaceAll(/soakSeconds: \d+/g, "soakSeconds: 0").replace("share: 25", "share: 60"),
  );
  release(commitOf(0xa));
  await estate.start();
  visitors = new Visitors(estate.info.urls.web);
  const first = await estate.sitefleet("up", "--yes", "--json", ...STACKS);
  expect(first.code, first.stdout + first.stderr).toBe(0);
  // Slow vendors make it likely that calls are in flight when the process dies.
  await estate.control("/faults", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ latency: [{ vendor: "vercel", ms: 100, jitterMs: 100 }] }),
  });
});
afterAll(() => estate.remove());

describe(`${ROUNDS} rollouts killed at random (SITEFLEET_SEED=${seed})`, () => {
  const random = randomFrom(seed);

  it.each(Array.from({ length: ROUNDS }, (_, index) => index + 1))(
    "round %i ends in a state that is live",
    async (round) => {
      const commit = commitOf(0xa0 + round);
      const before = await live();
      release(commit);
      const plan = await estate.sitefleet("rollout", "--plan", "--json");
      expect(plan.code, plan.stdout + plan.stderr).toBe(0);
      const waves = JSON.parse(plan.stdout).waves as { hosts: Record<string, string[]> }[];
      const last = Object.values(waves.at(-1)?.hosts ?? {}).flat();
      await estate.control("/vercel", {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          releases: isBad(round)
            ? [{ match: { project: last[0]?.replaceAll(".", "-"), commit }, serve: { status: 500, at: "hosts" } }]
            : [],
        }),
      });
      let killed = "nothing";
      const started = WAVES_START[Math.floor(random() * WAVES_START.length)] as number;
      const after = random() < IN_A_WAVE ? started : Math.floor(random() * (EVENTS + 1));
      const more = 1 + Math.floor(random() * CALLS);
      const ran = await estate.run(process.execPath, cli("rollout", "--yes", "--json"), undefined, (child) => {
        const kill = () => {
          const all = child.pid === undefined ? [] : descendants(child.pid);
          // By kind first: there are more engines than command lines.
          const kinds = [...Map.groupBy(all, ({ command }) => kindOf(command))];
          const [kind, some = []] = kinds[Math.floor(random() * kinds.length)] ?? [];
          const one = some[Math.floor(random() * some.length)];
          if (kind === undefined || one === undefined) return;
          killed = `${kind} of ${all.length} processes`;
          process.kill(one.pid, "SIGKILL");
        };
        void moment(after, more, () => child.exitCode !== null).then(kill);
      });
      expect(killed).not.toBe("nothing");
      const said = [`killed ${killed} after event ${after} and ${more} calls: ${ran.code}`];
      let status = statusOf(ran.stdout);
      for (let left = 6; status !== "done" && status !== "stopped"; left--) {
        expect(left, said.join("\n")).toBeGreaterThan(0);
        const next = await estate.run(process.execPath, cli("rollout", "resume", "--json"));
        said.push(`resume: ${next.code} ${next.stdout.slice(0, 300)} ${next.stderr.slice(-600)}`);
        status = statusOf(next.stdout) ?? statusOf((await estate.sitefleet("rollout", "status", "--json")).stdout);
      }
      console.log(`round ${round}: ${said[0]}, then ${status} after ${said.length - 1} more`);
      // A kill is not the release's fault: a good one goes out in the end, and a bad one is found out.
      expect(status, said.join("\n")).toBe(isBad(round) ? "stopped" : "done");
      const back = isBad(round) ? new Map(last.map((host) => [host, before.get(host)])) : new Map();
      expect(await live(), said.join("\n")).toEqual(new Map([...onCommit(commit, hosts), ...back]));
      const { missing, orphans } = await compareWithState(estate.info);
      expect({ killed, missing, orphans }).toEqual({ killed, missing: [], orphans: [] });
      const preview = await estate.sitefleet("preview", "--all", "--json", "--detailed-exitcode", ...STACKS);
      expect(preview.code, `${said.join("\n")}\n${preview.stdout}`).toBe(isBad(round) ? 2 : 0);
    },
  );
});

/** What a process of a run is. */
function kindOf(command: string): string {
  if (command.includes("cli/sitefleet.js")) return "command";
  if (command.includes("runner/main.ts")) return "runner";
  if (command.includes("shared-main.ts")) return "provider";
  return /(^|\/)pulumi /.test(command) ? "engine" : command.slice(0, 60);
}

/** The status that a command printed; undefined when it was killed, or failed. */
function statusOf(stdout: string): string | undefined {
  try {
    return JSON.parse(stdout).status;
  } catch {
    return undefined;
  }
}
