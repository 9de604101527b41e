import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { takePlace } from "../../../plesk/remote/place.ts";

// What breaks when these fail: Pulumi starts more drivers at once than the host's SSH server lets log in, or a killed one keeps
// others waiting for ever.

const host = (parallel: number) => ({ address: `place-${process.pid}.test`, port: 22, parallel });

test("never more than the host takes, and everybody gets a turn", async () => {
  let [now, most] = [0, 0];
  const one = async () => {
    const leave = await takePlace(host(3));
    now += 1;
    most = Math.max(most, now);
    await new Promise((done) => setTimeout(done, 20));
    now -= 1;
    leave();
  };
  await Promise.all(Array.from({ length: 12 }, one));
  expect(most).toBeLessThanOrEqual(3);
  expect(now).toBe(0);
});

test("a holder that was killed leaves its place", async () => {
  const code = `import { takePlace } from ${JSON.stringify(new URL("../../../plesk/remote/place.ts", import.meta.url).href)};
await takePlace(${JSON.stringify(host(1))}); console.log("has it"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  let got = false;
  const waiting = takePlace(host(1)).then((leave) => {
    got = true;
    leave();
  });
  await new Promise((done) => setTimeout(done, 300));
  expect(got).toBe(false);
  child.kill("SIGKILL");
  await waiting;
  expect(got).toBe(true);
});

test("waiting can be interrupted", async () => {
  const leave = await takePlace(host(1));
  const abort = new AbortController();
  const waiting = takePlace(host(1), abort.signal);
  abort.abort();
  await expect(waiting).rejects.toMatchObject({ code: "plesk.interrupted" });
  leave();
});
