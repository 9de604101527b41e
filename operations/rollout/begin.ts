import { note, type RolloutRecord, takeoverWaitMs, withRolloutLock } from "../../fleet/releases/rollout/index.ts";
import { checkNeeds } from "../../fleet/run/needs/index.ts";
import { loadInputs } from "../../stacks/program.ts";
import type { FleetEvent } from "../kit/events.ts";
import type { Tools } from "../kit/operation.ts";
import { goOn } from "./go-on.ts";
import type { RolloutInput } from "./input.ts";
import { latestRollout, me, openFiles, openPlace, refuseSecond } from "./open.ts";

/** Begins a rollout that has been planned, and carries it out. @throws SitefleetError `lock.held`, `rollout.unfinished` */
export async function beginRollout(
  tools: Tools<FleetEvent>,
  record: RolloutRecord,
  options: RolloutInput,
  approved: (run: string) => Promise<void> | undefined = () => undefined,
): Promise<RolloutRecord> {
  const { estate, emit } = tools;
  // Before anything is written down: a rollout that cannot start must not be one that is not over.
  const stacks = Object.keys(record.target);
  await checkNeeds({ configFile: estate.configFile, inputs: loadInputs(estate.catalogDir) }, stacks);
  const place = await openPlace(options.gone);
  // The process that carried out the last one may be gone with its machine.
  const waitMs = place.store ? takeoverWaitMs(place) : 0;
  return withRolloutLock(
    place,
    { waitMs, onWait: (holder) => emit({ event: "turn-waiting", holder }) },
    async (lost) => {
      const files = await openFiles();
      // Another process may have begun one since this one was planned.
      refuseSecond(await latestRollout(files));
      // One yes is for one rollout, whose target is fixed from here on.
      await approved(record.id);
      await files.save(record);
      const waves = record.waves.map(({ name, hosts, services }) => ({
        wave: name,
        sites: Object.values(hosts).flat().length,
        stacks: services ? 1 : Object.keys(hosts).length,
        ...(services ? { services: services.length } : {}),
      }));
      const begun = await note(record, { event: "started", by: me(), waves }, { files });
      return goOn(tools, begun, files, options, lost);
    },
  );
}
