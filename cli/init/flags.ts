import { Option } from "commander";
import { SitefleetError } from "../../errors/index.ts";
import { NEW_CELLS } from "../../model/index.ts";
import type { WrittenAnswers } from "../../operations/init/answers.ts";
import { wholeNumber } from "../../operations/kit/fields.ts";

/** Options that answer one question each, in place of the file's answer. */
export interface AnswerFlags {
  readonly target?: string;
  readonly backend?: string;
  readonly cells?: number;
  readonly set?: readonly string[];
  readonly zone?: readonly string[];
  readonly site?: readonly string[];
  readonly repository?: string;
}

const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

/** The options, as commander takes them. */
export const answerOptions = (): Option[] => [
  new Option("--target <name>", "name of this estate, e.g. production"),
  new Option("--backend <url>", "address of the state backend (default: a directory of the estate)"),
  new Option("--cells <n>", `stacks that sites are hashed into, for good (default: ${NEW_CELLS})`).argParser(
    wholeNumber("--cells"),
  ),
  new Option("--set <setting>", "KEY=VALUE, e.g. vercelTeam=acme; may be given several times").argParser(collect),
  new Option("--zone <name>", "an apex domain; may be given several times").argParser(collect),
  new Option("--site <site>", "HOST=OWNER/NAME: a site and its repository; may be given several times").argParser(
    collect,
  ),
  new Option("--repository <owner/name>", "repository whose environment holds the secrets"),
];

/** Answers with those of the options in place. No secret is an option: arguments stand in the process list. Pure. @throws SitefleetError `usage` */
export function withFlags(answers: WrittenAnswers, flags: AnswerFlags): WrittenAnswers {
  const pairs = (option: string, given: readonly string[]) =>
    given.map((text): [string, string] => {
      const at = text.indexOf("=");
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new SitefleetError({
        code: "usage",
        message: `${option} takes ${option === "--site" ? "HOST=OWNER/NAME" : "KEY=VALUE"}, not ${text}`,
      });
    });
  const { target, backend, cells, set = [], zone, site, repository } = flags;
  const sites = site && pairs("--site", site).map(([host, from]) => ({ host, repository: from }));
  return {
    ...answers,
    target: target ?? answers.target,
    backend: backend ?? answers.backend,
    cells: cells ?? answers.cells,
    settings: { ...answers.settings, ...Object.fromEntries(pairs("--set", set)) },
    zones: zone?.map((name) => ({ name })) ?? answers.zones,
    sites: sites ?? answers.sites,
    secrets: repository === undefined ? answers.secrets : { ...answers.secrets, repository },
  };
}
