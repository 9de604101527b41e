import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { PROJECT_NAME } from "../../../../../fleet/backend/store/project.ts";
import { PROJECT_ROOT } from "../../../../../stacks/root.ts";

// What breaks when this fails: states, locks and histories are looked for in folders of another project.
it("is the name that the engine reads in Pulumi.yaml", () => {
  expect(PROJECT_NAME).toBe(parse(readFileSync(join(PROJECT_ROOT, "Pulumi.yaml"), "utf8")).name);
});
