import { journalScript } from "../commands/journal.ts";
import { SAY } from "../commands/script.ts";
import { switchScript } from "../commands/switch.ts";
import type { Step } from "../kinds/step.ts";
import type { Session } from "../remote/session.ts";
import { journalOf, type Undo } from "./back.ts";
import { resetCode } from "./code-reset.ts";
import type { Run } from "./context.ts";
import type { Inspection } from "./inspection.ts";
import { runPhase } from "./service-steps.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";

/** What making a release live brought about. */
export interface Switched {
  readonly converted: boolean;
  readonly snapshot: Snapshot | null;
  readonly ran: string[];
}

/**
 * Everything between the published release and the question whether it is healthy. Notes in `done` what going back must undo.
 *
 * @param migrating The release brings steps that change the database.
 */
export async function makeLive(
  run: Run,
  session: Session,
  inspection: Inspection,
  done: Undo,
  migrating: boolean,
): Promise<Switched> {
  const { layout, token, document } = run;
  const ran: string[] = [];
  let snapshot: Snapshot | null = null;
  const note = async (more: Partial<Undo>): Promise<void> => {
    done.noted = true;
    await session.run("noting", journalScript(layout, token, journalOf({ ...done, ...more })));
    Object.assign(done, more);
  };
  if (migrating) {
    if (done.back !== "" && inspection.live !== undefined) {
      await note({ maintenance: true });
      ran.push(...(await runPhase(run, session, "maintenance-on", done.back)));
    }
    if (document.database !== undefined) {
      snapshot = await takeSnapshot(run, session, document.database, done.back);
      done.snapshot = snapshot.name;
    }
  }
  const beforeStep = async (step: Step): Promise<void> => {
    if (!step.migrates || done.migrating) return;
    await note({ migrating: true });
  };
  ran.push(...(await runPhase(run, session, "before-switch", done.next, beforeStep)));
  done.switching = true;
  done.noted = true;
  const change = { id: done.next, now: run.now(), journal: journalOf(done), reset: run.reset };
  const said = await run.steps.step("switch", () => session.run("the switch", switchScript(layout, token, change)));
  await resetCode(run, done.next);
  ran.push(...(await runPhase(run, session, "after-switch", done.next, beforeStep)));
  ran.push(...(await runPhase(run, session, "check", done.next)));
  return { converted: said.some((line) => line.startsWith(`${SAY}converted`)), snapshot, ran };
}
