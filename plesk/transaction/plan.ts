import { SitefleetError } from "../../errors/index.ts";
import type { Change } from "../artifact/diff.ts";
import { inspectScript } from "../commands/inspect.ts";
import type { DeployDocument } from "../input.ts";
import { changesOnHost } from "./changes.ts";
import { connect, openArtifact, type RunOptions, startRun } from "./context.ts";
import { assertAllowed } from "./deploy.ts";
import { parseInspection } from "./inspection.ts";

/** Itemised changes in a plan; more are only counted. */
export const MAX_ITEMS = 50;

/** What a deployment would do. */
export interface PlanResult {
  readonly action: "plan";
  readonly service: string;
  /** Release that would be live. */
  readonly release: string;
  /** Release that is live; null when none is. */
  readonly live: string | null;
  readonly outcome: "unchanged" | "switch" | "release";
  /** A real document root would be made a release. */
  readonly converts: boolean;
  readonly created: number;
  readonly changed: number;
  readonly deleted: number;
  /** Bytes of created and changed files. */
  readonly bytes: number;
  /** The first {@link MAX_ITEMS} changes by path: `+`, `~` or `-`, then the path. */
  readonly items: readonly string[];
  /** Changes that are not in `items`. */
  readonly more: number;
  /** Why `deploy` would refuse; empty when it would not. */
  readonly refusals: readonly { readonly code: string; readonly message: string; readonly hint?: string }[];
  /** Locks on the service: who deploys at the moment. */
  readonly locks: readonly string[];
  readonly steps: Readonly<Record<string, number>>;
}

const SIGNS: Record<Change["action"], string> = { create: "+", change: "~", delete: "-" };

/** A path for people: control characters and quotes escaped as in JSON, when there are any. */
function shown(path: string): string {
  const json = JSON.stringify(path);
  return json === `"${path}"` ? path : json;
}

/** Itemises what a deployment would do. Changes nothing on the host: no directory, no lock. */
export async function plan(document: DeployDocument, options: RunOptions = {}): Promise<PlanResult> {
  const run = startRun(document, options);
  const artifact = await run.steps.step("artifact", () => openArtifact(run));
  const session = await connect(run);
  try {
    const said = await run.steps.step("inspect", () =>
      session.run("inspecting", inspectScript(run.layout, artifact.digest), { maxStdout: 64 * 1024 * 1024 }),
    );
    const inspection = parseInspection(said, run.layout.docrootTarget);
    const refusals: { code: string; message: string; hint?: string }[] = [];
    let changes: readonly Change[] = [];
    await run.steps.step("compare", async () => {
      try {
        await assertAllowed(run, session, inspection, artifact);
        ({ changes } = await changesOnHost(run, session, inspection, artifact));
      } catch (error) {
        if (!(error instanceof SitefleetError) || !REFUSALS.has(error.code)) throw error;
        refusals.push({
          code: error.code,
          message: error.message,
          ...(error.hint === undefined ? {} : { hint: error.hint }),
        });
        if (error.code === "plesk.delete-share")
          ({ changes } = await changesOnHost(run, session, inspection, artifact));
      }
    });
    const count = (action: Change["action"]): number => changes.filter((change) => change.action === action).length;
    const unchanged = inspection.live === artifact.digest && inspection.docroot === "ours";
    const there = inspection.releases.some((release) => release.id === artifact.digest && release.complete);
    return {
      action: "plan",
      service: document.service.key,
      release: artifact.digest,
      live: inspection.live ?? null,
      outcome: unchanged ? "unchanged" : there ? "switch" : "release",
      converts: inspection.docroot === "dir",
      created: count("create"),
      changed: count("change"),
      deleted: count("delete"),
      bytes: changes.reduce((sum, change) => sum + (change.action === "delete" ? 0 : change.bytes), 0),
      items: changes.slice(0, MAX_ITEMS).map((change) => `${SIGNS[change.action]} ${shown(change.path).slice(0, 300)}`),
      more: Math.max(0, changes.length - MAX_ITEMS),
      refusals,
      locks: inspection.locks.map((lock) => lock.holder),
      steps: run.steps.times,
    };
  } finally {
    await session.close();
  }
}

/** Errors that a plan reports instead of failing. */
const REFUSALS = new Set(["plesk.unfit", "plesk.bad-release", "plesk.delete-share"]);
