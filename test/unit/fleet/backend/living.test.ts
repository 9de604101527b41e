import { mkdtempSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { me } from "../../../../fleet/backend/locks/holder.ts";
import { livingRuns } from "../../../../fleet/backend/locks/locks.ts";

// What breaks when this fails: a run that works is gone on with beside itself, or one whose machine is gone is never gone on with.

it("a run lives when its process here does, or when another machine's count goes on", async () => {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-living-"));
  const here = me("here", "up");
  let beat = 0;
  const write = () => {
    const other = { ...here, host: "runner-9", boot: "other" };
    const runs = {
      here: { ...here, beat: 0 },
      dead: { ...here, run: "dead", startTicks: "1", host: hostname(), beat: 0 },
      works: { ...other, run: "works", beat },
      lost: { ...other, run: "lost", beat: 7 },
    };
    writeFileSync(join(dir, "locks.json"), JSON.stringify({ version: 1, runs, stacks: {} }));
  };
  write();
  const timer = setInterval(() => {
    beat++;
    write();
  }, 20);
  const living = await livingRuns({ dir, times: { pollMs: 10, staleMs: 300 } });
  clearInterval(timer);
  expect([...living].sort()).toEqual(["here", "works"]);
});
