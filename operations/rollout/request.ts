import { SitefleetError } from "../../errors/index.ts";
import {
  askOrAct,
  bringsMore,
  confirmTarget,
  eventOf,
  note,
  type Request,
  type RolloutRecord,
} from "../../fleet/releases/rollout/index.ts";
import type { FleetEvent } from "../kit/events.ts";
import type { Tools } from "../kit/operation.ts";
import { goOn } from "./go-on.ts";
import type { RolloutInput } from "./input.ts";
import { latestRollout, me, openFiles, openPlace, openRollout } from "./open.ts";

/** How {@link askRollout} asks. */
interface Asking {
  /** With `abort`: leave what it has brought. @default false */
  readonly keep?: boolean | undefined;
  /** Refuse where no process carries the rollout out, in place of doing it here. @default false */
  readonly askOnly?: boolean | undefined;
}

/**
 * Hands a request to the process that carries the newest rollout out; where there is none, this one does what was asked.
 *
 * @throws SitefleetError `rollout.none`, `rollout.over`, `rollout.step`, `rollout.catalog`, `rollout.unattended` with `askOnly`
 */
export async function askRollout(
  tools: Tools<FleetEvent>,
  want: Request["want"],
  options: RolloutInput,
  { keep = false, askOnly = false }: Asking = {},
): Promise<RolloutRecord> {
  const { estate, emit } = tools;
  const request: Request = { want, by: me(), keep };
  const files = await openFiles();
  const latest = await latestRollout(files);
  if (latest === undefined) {
    throw new SitefleetError({
      code: "rollout.none",
      message: "there is no rollout",
      hint: "sitefleet rollout begins one",
    });
  }
  const { id } = latest;
  // Refused now when it does not fit; the process that takes it looks again.
  eventOf(latest, request);
  let asked = false;
  const act = async (lost: AbortSignal | undefined): Promise<RolloutRecord> => {
    if (askOnly) {
      // The process that was asked has ended before it took the request.
      if (asked) await files.take(id);
      throw unattended(latest);
    }
    const dropped = await files.take(id);
    if (dropped && dropped.want !== want)
      emit({ event: "request-dropped", by: dropped.by, want: dropped.want, instead: want });
    const record = (await files.read(id)) ?? latest;
    if (bringsMore(record, request)) await confirmTarget(await openRollout(estate), record);
    const event = eventOf(record, request);
    const onEvent = (what: Parameters<typeof note>[1]) => emit({ event: "rollout", what });
    const next = event ? await note(record, event, { files, onEvent }) : record;
    return want === "pause" ? next : goOn(tools, next, files, options, lost);
  };
  const place = await openPlace(options.gone);
  const done = await askOrAct({ place, files, id, request }, act, (holder) => {
    asked = true;
    emit({ event: "asked", holder });
  });
  return done ?? (await files.read(id)) ?? latest;
}

const unattended = ({ id }: RolloutRecord): SitefleetError =>
  new SitefleetError({
    code: "rollout.unattended",
    message: "no process carries the rollout out that could be asked",
    subject: id,
    hint: "at a terminal: sitefleet rollout abort",
  });
