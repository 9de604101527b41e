import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { expect, it } from "vitest";
import { leanCommand } from "../../../../fleet/engine/lean-command.ts";

// What breaks when these fail: with an engine from 3.206 on, every preview ends as failed ("open 'tcp://127.0.0.1:…'"); a preview
// of many new sites takes three times the CPU; an update that is killed leaves no state of what it has done.

type Version = NonNullable<PulumiCommand["version"]>;

it("tells the SDK no version from which on it wants events over gRPC", async () => {
  const { version } = await PulumiCommand.get();
  const SemVer = version?.constructor as new (text: string) => Version;
  const told = (text: string | null) => {
    const real = Object.assign(Object.create(PulumiCommand.prototype), {
      version: text === null ? null : new SemVer(text),
    }) as PulumiCommand;
    return leanCommand(real, { exists: true, onEvent() {} }).version?.toString();
  };
  expect([told("3.190.0"), told("3.205.0"), told("3.206.0"), told("3.270.0"), told("4.0.0"), told(null)]).toEqual([
    "3.190.0",
    "3.205.0",
    "3.205.0",
    "3.205.0",
    "3.205.0",
    undefined,
  ]);
});

it("has the engine make a preview's state once and on one processor, an update's around each step, and none ask for a newer version", async () => {
  const started: Record<string, Record<string, string>> = {};
  const run = async ([verb = ""]: string[], _: string, env: Record<string, string>) => {
    started[verb] = env;
    return { stdout: "", stderr: "", code: 0 };
  };
  const real = Object.assign(Object.create(PulumiCommand.prototype), { version: null, run }) as PulumiCommand;
  const lean = leanCommand(real, { exists: true, onEvent() {} }) as unknown as { run: typeof run };
  const verbs = ["preview", "up", "refresh", "destroy"];
  for (const verb of verbs) await lean.run([verb], ".", {});
  expect(verbs.map((verb) => started[verb]?.PULUMI_SKIP_CHECKPOINTS)).toEqual([
    "true",
    undefined,
    undefined,
    undefined,
  ]);
  expect(verbs.map((verb) => started[verb]?.GOMAXPROCS)).toEqual(["1", undefined, undefined, undefined]);
  const compares = () => verbs.map((verb) => started[verb]?.PULUMI_ENABLE_LEGACY_REFRESH_DIFF);
  expect(compares()).toEqual([undefined, undefined, undefined, undefined]);
  await lean.run(["refresh", "--preview-only"], ".", {});
  expect(started.refresh).toMatchObject({ PULUMI_SKIP_CHECKPOINTS: "true", GOMAXPROCS: "1" });
  expect(compares(), "to the letter, where nothing else is looked at").toEqual([
    undefined,
    undefined,
    "true",
    undefined,
  ]);
  await lean.run(["preview"], ".", { GOMAXPROCS: "3" });
  expect(started.preview?.GOMAXPROCS).toBe("3");
  expect(verbs.map((verb) => started[verb]?.PULUMI_SKIP_UPDATE_CHECK)).toEqual(verbs.map(() => "true"));
});
