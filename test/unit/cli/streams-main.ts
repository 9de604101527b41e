// A process with the streams and signals of the command line and a run that writes a journal: what `up` is, without an engine.
import { setTimeout as sleep } from "node:timers/promises";
import { guardStreams } from "../../../cli/output/streams.ts";
import { print, say } from "../../../cli/output/style.ts";
import { Teller } from "../../../cli/output/teller.ts";
import { stoppable } from "../../../cli/stoppable.ts";
import { inRun } from "../../../fleet/run/locked-run.ts";
import { WarmStart } from "../../../fleet/run/runner/warm.ts";
import type { Session } from "../../../fleet/run/session.ts";
import type { FleetEvent } from "../../../operations/kit/events.ts";
import { overStacks } from "../../../operations/kit/watch.ts";

const [runs = "", mode] = process.argv.slice(2);
const session = { folders: { state: runs, locks: `${runs}-locks`, runs }, infos: new Map(), configFile: "" };
guardStreams(() => false);
const warm = mode === "--warm" ? new WarmStart(1) : undefined;
await warm?.engine;

const work = async (signal: AbortSignal) => {
  const options = { concurrency: 1, lockWaitMs: 0, run: "r", operation: "up", first: {}, signal };
  await inRun(session as unknown as Session, [], options, async (tools) => {
    for (let line = 0; line < 20; line++) {
      say(`for people ${line}`);
      print(`data ${line}`);
      await sleep(10);
    }
    while (mode !== undefined && !signal.aborted) await sleep(10);
    tools.write({ event: "run-ended", ok: true, ...(signal.aborted ? { reason: "stopped" } : {}) });
  });
};
await stoppable<FleetEvent, void>(new Teller(), (emit, signal) =>
  overStacks({ emit, signal }, 1, (_, stopped) => work(stopped)),
);
print("the end");
await warm?.close();
