import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "vitest";
import { startSshd } from "./sshd.ts";
import type { ProviderTable, Values } from "./types.ts";
import type { World } from "./world.ts";

async function world(): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), "sitefleet-commands-"));
  const sshd = await startSshd(join(dir, "ssh"));
  await writeFile(join(dir, "upload.txt"), "first");
  await writeFile(join(dir, "other.txt"), "second");
  return {
    env: {},
    facts: { dir, log: join(dir, "log"), ...sshd.facts },
    api: async () => undefined,
    leftovers: () => [],
    async stop() {
      await sshd.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

// Says what ran, for which resource, with which previous output and input.
const says = ({ facts }: World, tag: string, what: string): string =>
  `echo "${tag}: ${what} [$PULUMI_COMMAND_STDOUT] $(cat)" >> ${facts.log}; echo ${tag}-${what}`;

const lifecycle = (world: World, tag: string): Values => ({
  create: says(world, tag, "create"),
  update: says(world, tag, "update"),
  delete: says(world, tag, "delete"),
});

const connection = ({ facts }: World): Values => ({
  host: "127.0.0.1",
  port: Number(facts.port),
  user: facts.user,
  privateKey: facts.key,
  hostKey: facts.hostKey,
  dialErrorLimit: 0,
});

const triggers = { replaceOnChanges: ["triggers[*]"] };

/** Command, as pulumi-command 1.2.1 behaves. */
export const command: ProviderTable = {
  provider: "command",
  version: "1.2.1",
  world,
  types: [
    {
      type: "command:local:Command",
      inputs: (world, tag) => ({ ...lifecycle(world, tag), dir: world.facts.dir }),
      options: triggers,
      required: [],
      invalid: [{ name: "text for triggers", with: { triggers: "x" }, says: /triggers/ }],
      failsLate: [
        {
          name: "a command that fails",
          with: { create: "echo out; echo err >&2; exit 3" },
          says: /exit status 3: running "echo out.*":\n(out|err)/,
        },
        {
          name: "a directory that is not there",
          with: { dir: "/no/such/dir" },
          says: /chdir \/no\/such\/dir: no such file or directory/,
        },
        {
          name: "an interpreter that is not there",
          with: { interpreter: ["no-such-shell"] },
          says: /executable file not found in \$PATH/,
        },
      ],
      outputs: { stdout: "local-command-base-create", stderr: "" },
      unknown: ["stdout", "stderr"],
      changes: [
        { name: "create", to: { create: "echo never" }, becomes: "update", unknown: ["stdout", "stderr"] },
        {
          name: "environment",
          to: { environment: { A: "1" } },
          becomes: "update",
          outputs: { stdout: "local-command-environment-update" },
        },
        { name: "logging", to: { logging: "none" }, becomes: "update" },
        { name: "stdin", to: { stdin: "given" }, becomes: "update" },
        { name: "triggers", from: { triggers: ["a"] }, to: { triggers: ["b"] }, becomes: "replace, create first" },
        { name: "no-triggers", from: { triggers: ["a"] }, to: {}, becomes: "replace, create first" },
        {
          name: "no-update",
          from: { update: undefined },
          to: { update: undefined, stdin: "given" },
          becomes: "update",
          outputs: { stdout: "local-command-no-update-create" },
        },
        {
          name: "no-previous",
          from: { addPreviousOutputInEnv: false },
          to: { addPreviousOutputInEnv: false, stdin: "given" },
          becomes: "update",
        },
        {
          name: "secret-stdin",
          from: { stdin: pulumi.secret("s1") },
          to: { stdin: pulumi.secret("s2") },
          becomes: "update",
        },
      ],
      drifts: [{ name: "nothing", happens: async () => {}, next: "same" }],
    },
    {
      type: "command:remote:Command",
      inputs: (world, tag) => {
        return { ...lifecycle(world, tag), connection: connection(world) };
      },
      options: { ...triggers, additionalSecretOutputs: ["connection"] },
      required: ["connection"],
      failsLate: [
        {
          name: "a command that fails",
          with: { create: "echo out; exit 3" },
          says: /Process exited with status 3: running "echo out; exit 3":\nout/,
        },
        {
          name: "a refused variable",
          with: { environment: { REFUSED: "1" } },
          says: /could not set environment variable "REFUSED"/,
        },
      ],
      outputs: { stdout: "remote-command-base-create", stderr: "" },
      unknown: ["stdout", "stderr"],
      secret: ["connection"],
      changes: [
        { name: "create", to: { create: "echo never" }, becomes: "update" },
        {
          name: "stdin",
          to: { stdin: "given" },
          becomes: "update",
          outputs: { stdout: "remote-command-stdin-update" },
        },
        { name: "triggers", from: { triggers: ["a"] }, to: { triggers: ["b"] }, becomes: "replace, create first" },
      ],
    },
    {
      type: "command:remote:CopyToRemote",
      inputs: (world, tag) => ({
        connection: connection(world),
        source: new pulumi.asset.FileAsset(join(world.facts.dir!, "upload.txt")),
        remotePath: join(world.facts.dir!, "copies", tag),
      }),
      options: { ...triggers, additionalSecretOutputs: ["connection"] },
      required: ["connection", "remotePath", "source"],
      outputs: { remotePath: /copies/ },
      unknown: [],
      secret: ["connection"],
      changes: [
        { name: "path", to: { remotePath: "copied-elsewhere" }, becomes: "update" },
        { name: "text", to: { source: new pulumi.asset.StringAsset("text") }, becomes: "update" },
        { name: "triggers", to: { triggers: ["b"] }, becomes: "replace, create first" },
      ],
      stays: true,
    },
  ],
  async afterwards({ facts }) {
    const log = (await readFile(facts.log!, "utf8")).split("\n");
    const of = (tag: string) =>
      log.filter((line) => line.startsWith(`${tag}:`)).map((line) => line.slice(tag.length + 2));
    // Once each, so nothing ran in a preview.
    expect(of("local-command-base")).toEqual(["create [] ", "delete [local-command-base-create] "]);
    expect(of("local-command-stdin")).toEqual([
      "create [] ",
      "update [local-command-stdin-create] given",
      "delete [local-command-stdin-update] given",
    ]);
    expect(of("local-command-triggers")).toEqual([
      "create [] ",
      "create [] ",
      "delete [local-command-triggers-create] ",
      "delete [local-command-triggers-create] ",
    ]);
    expect(of("local-command-no-previous").slice(0, 2)).toEqual(["create [] ", "update [] given"]);
    expect(
      of("remote-command-triggers")
        .slice(0, 3)
        .map((line) => line.split(" ")[0]),
    ).toEqual(["create", "create", "delete"]);
    const copied = join(facts.dir!, "copies");
    expect(await readFile(join(copied, "remote-copytoremote-base"), "utf8")).toBe("first");
    expect((await stat(join(copied, "remote-copytoremote-base"))).mode & 0o777).toBe(0o644);
    expect(await readFile(join(copied, "remote-copytoremote-text"), "utf8")).toBe("text");
  },
};
