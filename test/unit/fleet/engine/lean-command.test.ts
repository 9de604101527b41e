import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { expect, it } from "vitest";
import { leanCommand } from "../../../../fleet/engine/lean-command.ts";

// What breaks when this fails: with an engine from 3.206 on, every preview ends as failed ("open 'tcp://127.0.0.1:…'").

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
