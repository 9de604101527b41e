import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newRunId } from "../../../fleet/backend/journal/journal.ts";
import { lockStacks } from "../../../fleet/backend/locks/locks.ts";
import { directoryStore } from "../../../fleet/backend/store/directory-store.ts";
import type { RunEntry, RunEvent } from "../../../fleet/events/types.ts";
import { type RolloutRecord, rolloutFiles } from "../../../fleet/releases/rollout/index.ts";
import { progressOf } from "../../../fleet/report/index.ts";
import { loadCatalog, sitesByCell, stackOfCell } from "../../../model/index.ts";
import { PROJECT_ROOT } from "../../../stacks/root.ts";
import { dnsVendors } from "../../../vendors/index.ts";

/** What a hostile site sends. */
export const HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202e\u0007</title>\"'";

/** An estate as runs leave it behind, with a rollout that goes on as far as it is told to. No engine is started. */
export class Simulated {
  readonly dir = mkdtempSync(join(tmpdir(), "sitefleet-dashboard-"));
  readonly estate;
  readonly failing: string;
  readonly #stacks: string[];
  readonly #waves: RolloutRecord["waves"];
  readonly #store;
  readonly #entries: RunEntry[] = [];
  readonly #stream = newRunId();
  #next = 0;
  #release: (() => Promise<void>) | undefined;

  /** @param sites so many the catalog declares, from 1500 on */
  constructor(sites: number) {
    const catalogDir = join(this.dir, "catalog");
    const from = join(PROJECT_ROOT, "catalog");
    cpSync(from, catalogDir, { recursive: true, filter: (path) => !/(artifacts|sources|schema)$/.test(path) });
    const rows = readFileSync(join(catalogDir, "sites.csv"), "utf8").trimEnd().split("\n");
    for (let n = rows.length - 2; n < sites; n++)
      rows.push(`more-${n},qmoney.de,own,acme/more-${Math.floor(n / 100)},sites/more-${n},nextjs,stable,`);
    writeFileSync(join(catalogDir, "sites.csv"), `${rows.join("\n")}\n`);
    const state = join(this.dir, "state");
    mkdirSync(join(state, "evidence"), { recursive: true });
    this.#store = directoryStore(state);
    const env = {
      ...process.env,
      SITEFLEET_STATE_DIR: state,
      SITEFLEET_STATE_URL: "",
      SITEFLEET_BUDGET: "",
      PULUMI_BACKEND_URL: `file://${this.dir}`,
    };
    this.estate = { catalogDir, configFile: join(this.dir, "Pulumi.prod.yaml"), env };
    const catalog = loadCatalog(catalogDir, dnsVendors());
    this.failing = catalog.sites[7]?.host ?? "";
    const cells = [...sitesByCell(catalog.sites)];
    this.#stacks = cells.map(([cell]) => stackOfCell(cell));
    const wave = (name: string, own: typeof cells): RolloutRecord["waves"][number] => ({
      ...{
        name,
        kind: "sites",
        pauseSeconds: 0,
        soakSeconds: 60,
        step: "applying",
        known: [],
        runs: [],
        blamed: [],
        left: {},
      },
      limits: { failurePercent: 5, slowdownPercent: 30, slowdownFloorMs: 100 },
      hosts: Object.fromEntries(own.map(([cell, found]) => [stackOfCell(cell), found.map(({ host }) => host)])),
    });
    this.#waves = [{ ...wave("canary", cells.slice(0, 1)), step: "passed" }, wave("all", cells.slice(1))];
    const at = new Date().toISOString();
    const checks = [...catalog.sites, ...catalog.services].map(({ host }, index) => {
      const fails = host === this.failing;
      const verdict = fails ? "fail" : "pass";
      const evidence = [
        {
          at,
          status: fails ? 500 : 200,
          url: `https://${host}/`,
          ...(fails ? { excerpt: HOSTILE, headers: { server: HOSTILE } } : {}),
        },
      ];
      const vantages = [
        {
          vantage: "here",
          verdict,
          milliseconds: 60 + (index % 90),
          tries: 1,
          evidence,
          findings: fails ? [{ about: "status", verdict, text: HOSTILE }] : [],
        },
      ];
      return JSON.stringify({
        id: host,
        kind: index < catalog.sites.length ? "site" : "service",
        verdict,
        reason: fails ? HOSTILE : "answers 200",
        vantages,
      });
    });
    writeFileSync(join(state, "evidence", `health-${newRunId()}.jsonl`), `${checks.join("\n")}\n`);
  }

  /** A rollout begins in this process. */
  async begin(): Promise<void> {
    const state = join(this.dir, "state");
    const held = await lockStacks({
      dir: state,
      store: undefined,
      stacks: ["rollout"],
      run: newRunId(),
      operation: "rollout",
      waitMs: 0,
    });
    this.#release = () => held.release();
    await rolloutFiles(state, undefined).save({
      ...{
        version: 1,
        id: newRunId(),
        digest: "d",
        startedAt: new Date().toISOString(),
        status: "running",
        reason: "",
      },
      ...{ rollback: true, keep: false, waves: this.#waves, before: {}, target: {} },
    });
    await this.#tell([
      { event: "started", operation: "rollout", by: "ada", target: "prod", total: this.#stacks.length },
    ]);
  }

  /** Some stacks end, and as many begin. */
  async work(count: number): Promise<void> {
    const counts = { created: 0, changed: 1, replaced: 0, deleted: 0, unchanged: 9 };
    for (let n = 0; n < count; n++) {
      const stack = this.#stacks[this.#next++ % this.#stacks.length] ?? "";
      const ended = this.#stacks[(this.#next - 4 + this.#stacks.length) % this.#stacks.length] ?? "";
      const events: RunEvent[] = [{ event: "stack-started", stack }];
      if (this.#next > 3)
        events.push({
          event: "stack-ended",
          stack: ended,
          ok: true,
          counts,
          errors: [],
          milliseconds: 900,
          roles: { release: { done: 20, failed: 0 } },
          names: [],
        });
      await this.#tell(events);
    }
  }

  /** The line of figures that the page has to show: of all events so far. */
  figures(): string {
    const { done, failed, active, queued, total } = progressOf(this.#entries);
    return `${done} done, ${failed} failed, ${active.length} active, ${queued} queued of ${total} stacks`;
  }

  async status(): Promise<string | undefined> {
    const files = rolloutFiles(join(this.dir, "state"), undefined);
    return (await files.read((await files.list())[0] ?? ""))?.status;
  }

  async #tell(events: readonly RunEvent[]): Promise<void> {
    const fresh = events.map(
      (event, index): RunEntry => ({ at: new Date().toISOString(), seq: this.#entries.length + index + 1, ...event }),
    );
    this.#entries.push(...fresh);
    await this.#store.append(
      `events/${this.#stream}.jsonl`,
      fresh.map((entry) => `${JSON.stringify(entry)}\n`).join(""),
    );
  }

  async remove(): Promise<void> {
    await this.#release?.();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
