import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { expect, it } from "vitest";
import { lastWords } from "../../../../fleet/engine/operate.ts";

// What breaks when this fails: Ctrl-C while an engine starts prints its whole command line.

const run = async (script: string, kill = false): Promise<string> => {
  const program = join(mkdtempSync(join(tmpdir(), "words-")), "pulumi");
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  const command = Object.assign(Object.create(PulumiCommand.prototype), { command: program, version: null });
  const abort = new AbortController();
  const ran = command.run(["up", "--secret-looking-option"], "/", {}, undefined, undefined, abort.signal);
  if (kill) setTimeout(() => abort.abort(), 300);
  return ran.then(
    () => "ended well",
    (error: unknown) => lastWords(error),
  );
};

it("says what the engine said, or how it ended, and never what it was started with", async () => {
  expect(await run("exec sleep 20", true)).toBe("the engine was ended by SIGINT");
  expect(await run("exit 3")).toBe("the engine ended with exit code 3");
  expect(await run("echo 'error: incorrect passphrase' >&2; exit 255")).toBe("error: incorrect passphrase");
});

it("says when there is no engine", async () => {
  const command = Object.assign(Object.create(PulumiCommand.prototype), {
    command: "/nonexistent/pulumi",
    version: null,
  });
  const said = await command.run(["up"], "/", {}).catch((error: unknown) => lastWords(error));
  expect(said).toBe("the engine could not be started (ENOENT)");
});
