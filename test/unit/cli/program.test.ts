import { expect, it } from "vitest";
import { buildProgram } from "../../../cli/program.ts";

// What breaks when this fails: a command loads the modules of all others, half a second of CPU time each, or is not found.
it("loads the commands that are named, none for the version, and else all", async () => {
  const loaded = async (...words: string[]) => (await buildProgram(words)).commands.map((command) => command.name());
  expect(await loaded("--version")).toEqual([]);
  expect(await loaded("-V")).toEqual([]);
  expect(await loaded("--json", "validate", "--version")).toEqual(["validate"]);
  const all = await loaded();
  expect(all.length).toBeGreaterThan(30);
  expect(await loaded("--help")).toEqual(all);
  expect(await loaded("vlaidate")).toEqual(all);
});
