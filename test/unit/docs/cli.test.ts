import { type Command, Option } from "commander";
import { describe, expect, it } from "vitest";
import { buildProgram } from "../../../cli/program.ts";
import { section, textOf } from "./markdown.ts";

// What breaks when these fail: docs/reference/cli.md lacks a command or an option, or describes one that is gone.

const page = textOf("docs/reference/cli.md");
const common = section(page, "Common options") ?? "";

/** Every command below the program with its full name, e.g. `sitefleet sandbox start`. */
function commandsOf(command: Command, name = command.name()): { name: string; command: Command }[] {
  return command.commands.flatMap((sub) => {
    const full = `${name} ${sub.name()}`;
    return [{ name: full, command: sub }, ...commandsOf(sub, full)];
  });
}

const commands = commandsOf(await buildProgram());
const flagsIn = (text: string) =>
  [...text.matchAll(/`((?:-\w, )?--[a-z][\w-]*(?: [<[][\w./-]+[>\]])?)` \|/g)].map(([, f = ""]) => f);

describe.each(commands)("$name", ({ name, command }) => {
  it("has a section with exactly its options", () => {
    const text = section(page, name);
    expect(text, `docs/reference/cli.md has no heading "${name}"`).toBeDefined();
    const shared = flagsIn(common);
    const own = command.options.map(({ flags }) => flags).filter((flags) => !shared.includes(flags));
    expect(flagsIn(text ?? "").sort()).toEqual(own.sort());
  });
});

it("lists the common options as the program has them", async () => {
  const program = await buildProgram();
  const flags = program.options.filter(({ long }) => long !== "--version").map((option) => option.flags);
  expect(flagsIn(common).sort()).toEqual([...flags, new Option("-h, --help").flags].sort());
});

it("has no section for a command that is gone", () => {
  const described = [...page.matchAll(/^#{2,3} (sitefleet .*)$/gm)].map(([, name]) => name);
  expect(described.sort()).toEqual(commands.map(({ name }) => name).sort());
});
