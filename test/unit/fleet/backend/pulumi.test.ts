import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { PulumiError, pulumi } from "../../../../fleet/backend/pulumi.ts";
import { PROJECT_ROOT } from "../../../../stacks/root.ts";
import { tempDir } from "../../plesk/support/temp.ts";

// Breaks when an engine that does not answer holds a command up for ever, or when what it says is lost or holds a password.

/** An environment whose `pulumi` is this shell script. */
function engine(script: string): NodeJS.ProcessEnv {
  const dir = mkdtempSync(join(tempDir("pulumi-"), "p-"));
  writeFileSync(join(dir, "pulumi"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(dir, "pulumi"), 0o755);
  return { PATH: `${dir}${delimiter}${process.env.PATH}`, ONLY: "here" };
}
const failed = (asked: Promise<string>) => asked.then(() => undefined).catch((error: unknown) => error as PulumiError);

afterEach(() => {
  vi.restoreAllMocks();
  delete process.env.TEST_OUTER;
});

it("is asked in the project's folder, with this environment and no other, and never asks back", async () => {
  process.env.TEST_OUTER = "outer";
  const env = engine('read line; echo "$*|$PWD|$ONLY|$TEST_OUTER|$line"');
  expect(await pulumi(["stack", "ls"], { env })).toBe(`stack ls --non-interactive|${PROJECT_ROOT}|here||`);
  const cwd = tempDir("elsewhere-");
  expect(await pulumi(["x"], { env, cwd, within: "states", detached: true })).toContain(`|${cwd}|`);
});

it("says what it said when it fails, without passwords", async () => {
  const env = engine("echo shown; echo 'cannot open postgres://fleet:geheim@db/state' >&2; exit 3");
  const error = await failed(pulumi(["stack", "ls", "--json"], { env }));
  expect(error).toBeInstanceOf(PulumiError);
  expect(error?.message).toBe("cannot open postgres://fleet:***@db/state");
  expect(error?.said).toBe(error?.message);
  expect(error?.output).toBe("shown\ncannot open postgres://fleet:***@db/state");
});

it("that fails without a word is named with its exit code", async () => {
  const error = await failed(pulumi(["stack", "ls"], { env: engine("exit 4") }));
  expect(error).toMatchObject({ said: "", output: "", message: expect.stringContaining("exit code 4") });
});

it("that is not there is an error of the same kind", async () => {
  const error = await failed(pulumi(["version"], { env: { PATH: tempDir("empty-") } }));
  expect(error).toBeInstanceOf(PulumiError);
  expect(error?.message).toContain("pulumi version");
});

it("that does not end in time is ended, and says so", async () => {
  const real = AbortSignal.timeout.bind(AbortSignal);
  const asked = vi.spyOn(AbortSignal, "timeout").mockImplementation(() => real(200));
  const error = await failed(
    pulumi(["stack", "export", "--stack", "a"], { env: engine("exec sleep 60"), within: "states" }),
  );
  expect(asked).toHaveBeenCalledWith(120_000);
  expect(error?.message).toBe("pulumi stack export has not ended within 120 seconds");
});
