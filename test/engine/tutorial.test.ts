import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { stopSandbox } from "../../sandbox/control.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { showsTheSame, TypedShell, tutorialSteps } from "../support/tutorial.ts";

// What breaks when this fails: a newcomer types what docs/tutorial.md says and gets something else.

const dir = mkdtempSync(join(tmpdir(), "tutorial-"));
const estate = join(dir, "first-estate");
// What a person's shell has: nothing of ours is set before.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(SITEFLEET_|PULUMI_|VITEST|NODE_ENV)/.test(name)),
);
const shell = new TypedShell(PROJECT_ROOT, { ...env, TMPDIR: dir });

afterAll(async () => {
  shell.close();
  await stopSandbox({ dir: join(estate, "sandbox"), purge: true });
});

it("docs/tutorial.md does what it says, from an empty catalog to a site that was rolled back", async () => {
  const steps = tutorialSteps(readFileSync(join(PROJECT_ROOT, "docs/tutorial.md"), "utf8"));
  expect(steps.length).toBeGreaterThan(15);
  for (const step of steps) {
    if (step.kind === "file") {
      writeFileSync(join(estate, "catalog", step.name), step.text);
      continue;
    }
    const printed = await shell.type(step.text);
    const { shows } = step;
    if (shows !== undefined && !showsTheSame(shows, printed))
      expect(`$ ${step.text}${printed}`).toBe(`$ ${step.text}${shows}`);
  }
}, 300_000);
