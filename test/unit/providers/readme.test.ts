// Breaks when the README's table says something else than the definitions.
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { withTable } from "../../../sandbox/providers/table.ts";

it("shows the definitions as they are (else: node sandbox/providers/table.ts)", async () => {
  const readme = await readFile(new URL("../../../sandbox/providers/README.md", import.meta.url), "utf8");
  expect(await withTable(readme)).toBe(readme);
});
