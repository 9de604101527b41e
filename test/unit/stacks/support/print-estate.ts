// Prints what the program makes of a catalog: desired states with their digests, fingerprints, and every resource that each kind of
// stack registers under mocks, with its inputs. One JSON document a line.
import * as pulumi from "@pulumi/pulumi";
import { sharedProjects } from "../../../../model/index.ts";
import { canonicalJson, digestOf } from "../../../../stacks/digest.ts";
import { fingerprint } from "../../../../stacks/fingerprint.ts";
import { stackNames } from "../../../../stacks/names.ts";
import { loadInputs } from "../../../../stacks/program.ts";
import { PROJECT_ROOT } from "../../../../stacks/root.ts";
import { runStack } from "../../../../stacks/run-stack.ts";

const inputs = loadInputs();
const lines: string[] = [];
const stacks = stackNames(inputs.catalog);
for (const stack of stacks) {
  const state = await inputs.state(stack);
  lines.push(canonicalJson({ stack, digest: digestOf(state), state }));
  lines.push(canonicalJson(fingerprint(state, PROJECT_ROOT, {}, () => "id")));
}
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ";
const names = inputs.catalog.secrets.entries.map(({ name }) => name);
pulumi.runtime.setAllConfig(
  {
    "sitefleet:target": "test",
    "sitefleet:vercelTeam": "none",
    "sitefleet:cloudflareAccountId": "account",
    "sitefleet:hosts": JSON.stringify(
      Object.fromEntries(inputs.catalog.hosts.map((host) => [host.key, { hostKey: [key] }])),
    ),
    "sitefleet:secrets": JSON.stringify(Object.fromEntries([...names, "SSH_PRIVATE_KEY"].map((name) => [name, "x"]))),
  },
  ["sitefleet:secrets"],
);
// What other resources and the shared stack answer.
const named = (all: readonly string[], value: string) => Object.fromEntries(all.map((name) => [name, value]));
const known = {
  stdout: "{}",
  result: "ab",
  outputs: {
    zones: named(
      inputs.catalog.zones.map(({ name }) => name),
      "zone",
    ),
    projects: named(
      sharedProjects(inputs.catalog).map(({ name }) => name),
      "project",
    ),
    secrets: named(names, "x"),
  },
};
const cell = stacks.find((stack) => stack.startsWith("prod-cell")) ?? "";
for (const stack of ["prod", "prod-plesk", cell]) {
  const registered: string[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs: given }) => {
        registered.push(canonicalJson({ stack, type, name, given }));
        return { id: `${name}-id`, state: { ...given, ...known } };
      },
      call: ({ inputs: given }) => ({ ...given, id: "zone", zoneId: "zone" }),
    },
    "sitefleet",
    stack,
    false,
    "organization",
  );
  await pulumi.runtime.runInPulumiStack(async () => {
    try {
      await runStack({ state: async () => inputs.state(stack), policies: inputs.policies }, stack);
    } catch (error) {
      // What lacks an output of another stack ends; what was declared until then counts.
      lines.push(String(error).split("\n")[0] ?? "");
    }
  });
  await pulumi.runtime.disconnect();
  lines.push(...registered.sort());
}
process.stdout.write(`${lines.join("\n")}\n`);
