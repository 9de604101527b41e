import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { defaultBranch, placeInRepository } from "../../fleet/backend/git.ts";
import { variablesOf } from "../../fleet/notify/index.ts";
import { readNotify } from "../../model/index.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { VENDORS } from "../../vendors/index.ts";
import { noEvents } from "../kit/events.ts";
import { flag } from "../kit/flags.ts";
import { defineOperation } from "../kit/operation.ts";

/** The one CI that runs estates by files of ours. */
function workflowsOf() {
  const vendor = VENDORS.find(({ workflows }) => workflows !== undefined);
  if (vendor?.workflows === undefined) throw new Error("vendors/index.ts lists no vendor with a CI");
  return vendor.workflows();
}

/** The workflows of this estate as files. */
export const ciWorkflows = defineOperation({
  name: "ci workflows",
  summary: "make the CI's workflows for this estate, or say which of them are not current",
  changes: true,
  input: z.object({
    write: flag(
      z.union([z.string(), z.literal(true)]).optional(),
      "--write [dir]",
      "write those that are not current into this folder (default: where the CI looks for them)",
    ),
    check: flag(
      z.string().optional(),
      "--check <dir>",
      "compare with this folder (default: where the CI looks for them)",
    ),
    branch: flag(
      z
        .string()
        .regex(/^[A-Za-z0-9][\w./-]*$/, "is no name of a branch")
        .optional(),
      "--branch <name>",
      "the branch that is carried out (default: where origin begins, else what the files there name, else main)",
    ),
  }),
  events: noEvents,
  output: z.object({
    dir: z.string(),
    branch: z.string().describe("that is carried out"),
    files: z.array(
      z.object({ name: z.string(), current: z.boolean().describe("as it is to be, before anything was written") }),
    ),
    written: z.array(z.string()),
    secrets: z.array(z.string()).describe("names that the workflows read from the CI's environments"),
  }),
  async run({ write, check, branch: named }, { estate }) {
    const { folder, files: filesOf, branchIn } = await workflowsOf();
    const given = typeof write === "string" ? write : check;
    const dir = given ?? join(PROJECT_ROOT, folder);
    const place = given === undefined ? await placeInRepository(PROJECT_ROOT) : "";
    if (place)
      throw new SitefleetError({
        code: "usage",
        message: `the CI looks for ${folder} in the repository's root, and this project lies in ${place}`,
        hint: "give the project a repository of its own; --write DIR writes the files elsewhere",
      });
    const branch = named ?? (await defaultBranch(PROJECT_ROOT)) ?? branchIn(dir) ?? "main";
    const receivers = (readNotify(estate.catalogDir)?.receivers ?? []).flatMap((one) => [...variablesOf(one)]);
    const fromRoot = (path: string) => relative(PROJECT_ROOT, path).split(sep).join("/");
    const [catalog, config] = [fromRoot(estate.catalogDir), fromRoot(estate.configFile)];
    if ([catalog, config].some((path) => path.startsWith("..")))
      throw new SitefleetError({
        code: "usage",
        message: "catalog and configuration must lie in the project, where a job's checkout has them",
        hint: "--catalog DIR and --config-file FILE name others",
      });
    const made = filesOf({ receivers: [...new Set(receivers)].sort(), catalog, config, branch });
    const files = made.map(({ name, text }) => {
      const file = join(dir, name);
      return { name, text, file, current: existsSync(file) && readFileSync(file, "utf8") === text };
    });
    const old = write === undefined ? [] : files.filter(({ current }) => !current);
    if (old.length > 0) mkdirSync(dir, { recursive: true });
    for (const { file, text } of old) writeFileSync(file, text);
    const secrets = [
      ...new Set(made.flatMap(({ text }) => [...text.matchAll(/secrets\.(\w+)/g)].map(([, name = ""]) => name))),
    ];
    return {
      dir: given ?? folder,
      branch,
      files: files.map(({ name, current }) => ({ name, current })),
      written: old.map(({ name }) => name),
      secrets: secrets.sort(),
    };
  },
  document: (found) => found,
  exitCode: ({ files, written }) => (files.every(({ name, current }) => current || written.includes(name)) ? 0 : 1),
});
