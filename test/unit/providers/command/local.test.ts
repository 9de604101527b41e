// Breaks when a command runs with another input, environment or directory, or its failure reads otherwise than the real one's.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { command } from "../../../../sandbox/providers/command/index.ts";
import { secret, TestEngine } from "../engine.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await TestEngine.start(command, "command:local:Command");
});
afterAll(() => engine.stop());

const stdout = async (inputs: Record<string, unknown>) => (await engine.create(inputs)).properties.stdout;
const failure = async (inputs: Record<string, unknown>) => {
  return engine.create(inputs).then(
    () => "it did not fail",
    (error: { details: string }) => error.details,
  );
};

describe("a local command", () => {
  it("gets its input, environment, directory and interpreter", async () => {
    expect(await stdout({ create: "cat", stdin: "in" })).toBe("in");
    expect(await stdout({ create: "echo $A", environment: { A: "1" } })).toBe("1");
    expect(await stdout({ create: "pwd", dir: "/" })).toBe("/");
    expect(await stdout({ create: "1+1", interpreter: ["node", "-p"] })).toBe("2");
  });

  it("without input reads an end of file, not ours", async () =>
    expect(await stdout({ create: "cat; echo end" })).toBe("end"));

  it("loses one line break at the end, and only one", async () =>
    expect(await stdout({ create: "printf 'a\\n\\n'" })).toBe("a\n"));

  it("keeps stdout and stderr apart", async () => {
    const { properties } = await engine.create({ create: "echo out; echo err >&2" });
    expect(properties).toMatchObject({ stdout: "out", stderr: "err" });
  });

  it("survives a line of more than 64 KiB, at which the real provider hangs", async () => {
    expect(String(await stdout({ create: "head -c 200000 /dev/zero | tr '\\0' x" }))).toHaveLength(200_000);
  });

  it("survives a command that does not read its input", async () => {
    expect(await stdout({ create: "echo done", stdin: "x".repeat(1_000_000) })).toBe("done");
  });

  it("without create runs nothing and has empty output", async () =>
    expect(await stdout({ update: "exit 1" })).toBe(""));

  it("runs nothing in a preview, where its output is unknown", async () => {
    const { properties } = await engine.create({ create: "exit 1" }, { preview: true });
    expect(properties.stdout).toBe("04da6b54-80e4-46f7-96ec-b56ff0331ba9");
  });

  it("is not stopped by a custom time-out, like the real provider's", async () => {
    const { properties } = await engine.create({ create: "sleep 1.2; echo done" }, { timeout: 1 });
    expect(properties.stdout).toBe("done");
  });

  it("names its id after the resource", async () => expect((await engine.create({})).id).toMatch(/^thing[0-9a-f]{8}$/));
});

describe("an update", () => {
  it("runs update, with the previous output in the environment", async () => {
    const inputs = { create: "echo first", update: 'echo "$PULUMI_COMMAND_STDOUT then second"' };
    const { id, properties } = await engine.create(inputs);
    expect((await engine.update(id, properties, { ...inputs, stdin: "x" })).stdout).toBe("first then second");
  });

  it("gets no previous output when that is switched off", async () => {
    const inputs = { create: "echo first", update: 'echo "[$PULUMI_COMMAND_STDOUT]"', addPreviousOutputInEnv: false };
    const { id, properties } = await engine.create(inputs);
    expect((await engine.update(id, properties, { ...inputs, stdin: "x" })).stdout).toBe("[]");
  });
});

describe("a failure", () => {
  it("quotes status, command and all output", async () => {
    expect(await failure({ create: "echo out; exit 3" })).toBe('exit status 3: running "echo out; exit 3":\nout\n');
    expect(await failure({ create: "kill -9 $$" })).toMatch(/^signal: killed: running/);
  });

  it("to start says why", async () => {
    expect(await failure({ create: "true", dir: "/no/dir" })).toMatch(/^chdir \/no\/dir: no such file or directory/);
    expect(await failure({ create: "x", interpreter: ["/no/shell"] })).toMatch(/^fork\/exec \/no\/shell: no such file/);
    expect(await failure({ create: "x", interpreter: ["no-shell"] })).toMatch(
      /^exec: "no-shell": executable file not found/,
    );
  });

  it("hides what was given as a secret", async () => {
    const text = await failure({ create: "cat; exit 1", stdin: secret("canary-value") });
    expect(text).toMatch(/exit status 1/);
    expect(text).not.toMatch(/canary-value/);
  });
});

describe("local.run", () => {
  it("runs at once and gives its arguments back", async () => {
    const { result } = await engine.invoke("command:local:run", { command: "cat", stdin: "in" });
    expect(result).toMatchObject({ command: "cat", stdin: "in", stdout: "in", stderr: "" });
  });
});
