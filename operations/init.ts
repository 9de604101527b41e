import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { environment, inEnvironment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { checkBackendUrl } from "../fleet/backend/store/backend-url.ts";
import { PROJECT_ROOT } from "../stacks/root.ts";
import { oneLine } from "./doctor/examine.ts";
import { doctor, type Examined } from "./doctor.ts";
import { type AnswerProblem, type Answers, answersSchema, problemsBetween } from "./init/answers.ts";
import { lockPlace } from "./init/lock.ts";
import { type Places, planFiles, quoted } from "./init/plan.ts";
import {
  type OpenedVendor,
  openVendor,
  pathOf,
  resolveAnswers,
  secretIn,
  tokenVendors,
  wrongPlace,
} from "./init/resolve.ts";
import {
  configure,
  type Done,
  makeBackend,
  makePassphrase,
  secretsThere,
  tryCatalog,
  writeFiles,
  writeSecrets,
} from "./init/write.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** What init has made. */
export interface Initialised {
  readonly dir: string;
  readonly done: readonly Done[];
  readonly examined: Examined;
  /** What to type next, one after the other. */
  readonly next: readonly string[];
}

/** How setting up goes on. */
const initEvent = z.discriminatedUnion("event", [
  z.object({ event: z.literal("begun") }),
  z.object({ event: z.literal("step"), step: z.string().describe("what is done now") }),
  z.object({ event: z.literal("done") }),
]);

/** Sets an estate up in a directory of its own. At the vendors and on hosts it reads only. */
export const init = defineOperation({
  name: "init",
  summary:
    "set up an estate in a directory of its own: catalog, configuration, passphrase, first stack. Changes nothing at a vendor.",
  changes: true,
  input: z.object({
    dir: flag(z.string().min(1).optional(), "[dir]", "directory of the estate (default: estate)"),
    answers: answersSchema.prefault({}).describe("what the command asks, or reads from --answers"),
  }),
  events: initEvent,
  output: z.object({
    dir: z.string(),
    done: z.array(z.object({ what: z.string(), how: z.enum(["made", "kept", "changed"]) })),
    ok: z.boolean().describe("doctor found no fault"),
    next: z.array(z.string()).describe("commands to type next"),
  }),
  async run({ dir: given = "estate", answers: asGiven }, { emit, signal }): Promise<Initialised> {
    const dir = resolve(given);
    const answers = withWholePaths(asGiven);
    const wrong = wrongPlace(dir, PROJECT_ROOT);
    if (wrong !== undefined) throw new SitefleetError({ code: "init.answers", message: wrong, subject: dir });
    const places = placesOf(dir, answers);
    const { env, problems: unread } = envOf(answers, places);
    emit({ event: "begun" });
    const release = lockPlace(dir);
    try {
      const step = (text: string) => {
        signal.throwIfAborted();
        emit({ event: "step", step: text });
      };
      step("asking the vendors");
      const { vendors, problems: refused } = await openAll(env);
      const between = problemsBetween(answers);
      const { resolved, problems } = await resolveAnswers(answers, vendors);
      const there = secretsThere(places);
      const wanted = Object.entries(secretFiles(answers)).filter(([name]) => !there.has(name));
      const secrets = readFiles(Object.fromEntries(wanted), "secrets.values");
      throwProblems([...unread, ...refused, ...between.map(worded), ...problems.map(worded), ...secrets.problems]);
      const files = planFiles(
        answers,
        resolved,
        places,
        readFileSync(join(PROJECT_ROOT, "catalog/limits.yaml"), "utf8"),
      );
      tryCatalog(files, places);
      step("writing the catalog");
      const done = [...writeFiles(files, places), makePassphrase(places)];
      makeBackend(env);
      step("making the first stack");
      done.push(...(await configure(answers, places, env)));
      step("writing secrets");
      done.push(...(await writeSecrets(secrets.values, places, env)));
      step("looking at everything");
      const estate = { catalogDir: places.catalog, configFile: places.configFile };
      const examined = await inEnvironment(env, () => doctor.run({}, { estate, signal, emit: () => {} }));
      return { dir, done, examined, next: nextCommands(given) };
    } finally {
      release();
      emit({ event: "done" });
    }
  },
  document: ({ dir, done, examined, next }) => ({
    dir,
    done: [...done],
    ok: doctor.exitCode?.(examined) === 0,
    next: [...next],
  }),
  exitCode: ({ examined }) => doctor.exitCode?.(examined) ?? 0,
});

/** The answers with every path as it is from everywhere: they are kept for the next try. */
function withWholePaths(answers: Answers): Answers {
  const whole = (file: string | undefined) => (file === undefined ? undefined : pathOf(file));
  const values = Object.entries(answers.secrets?.values ?? {}).map(([name, from]) => [
    name,
    "file" in from ? { file: pathOf(from.file) } : from,
  ]);
  return {
    ...answers,
    tokens: Object.fromEntries(Object.entries(answers.tokens).map(([name, file]) => [name, pathOf(file)])),
    passphraseFile: whole(answers.passphraseFile),
    hosts: answers.hosts.map((host) => ({ ...host, keyFile: whole(host.keyFile) })),
    secrets: answers.secrets && { ...answers.secrets, values: Object.fromEntries(values) },
  };
}

/** Where an estate's files are. */
function placesOf(dir: string, { backend, passphraseFile }: Pick<Answers, "backend" | "passphraseFile">): Places {
  return {
    dir,
    catalog: join(dir, "catalog"),
    configFile: join(dir, "Pulumi.prod.yaml"),
    passphraseFile: passphraseFile === undefined ? join(dir, "passphrase") : passphraseFile,
    backend: backend ?? pathToFileURL(join(dir, "state")).href,
  };
}

/** The environment that `env.sh` gives a shell, and what is wrong with answers that it is made of. */
function envOf({ tokens }: Answers, places: Places): { env: NodeJS.ProcessEnv; problems: string[] } {
  const { PULUMI_CONFIG_PASSPHRASE: _, ...rest } = environment();
  const { values, problems } = readFiles(tokens, "tokens");
  const env = {
    ...rest,
    ...values,
    SITEFLEET_CATALOG: places.catalog,
    SITEFLEET_CONFIG_FILE: places.configFile,
    PULUMI_BACKEND_URL: places.backend,
    PULUMI_CONFIG_PASSPHRASE_FILE: places.passphraseFile,
  };
  try {
    checkBackendUrl(env);
  } catch (error) {
    problems.push(`backend: ${(error as Error).message}`);
  }
  return { env, problems };
}

async function openAll(env: NodeJS.ProcessEnv): Promise<{ vendors: OpenedVendor[]; problems: string[] }> {
  const opened = tokenVendors().map((vendor) =>
    openVendor(vendor, env[vendor.credentials?.variable ?? ""] ?? "", env).catch((error: unknown) => {
      if (!(error instanceof SitefleetError)) throw error;
      return `${error.message}${error.hint === undefined ? "" : `; ${error.hint}`}`;
    }),
  );
  const all = await Promise.all(opened);
  return {
    vendors: all.filter((one) => typeof one !== "string"),
    problems: all.filter((one) => typeof one === "string"),
  };
}

/** Names of secrets that stand in files, with their files. Pure. */
function secretFiles({ secrets, hosts }: Answers): Record<string, string> {
  const keys = hosts.flatMap(({ keyFile }) => (keyFile === undefined ? [] : [["SSH_PRIVATE_KEY", pathOf(keyFile)]]));
  const values = Object.entries(secrets?.values ?? {}).flatMap(([name, from]) =>
    "file" in from ? [[name, pathOf(from.file)]] : [],
  );
  return Object.fromEntries([...keys, ...values]);
}

/** Reads each file once: stdin (`/dev/stdin`) gives its text one time only. @returns the values by name, and what cannot be read */
function readFiles(
  files: Readonly<Record<string, string>>,
  where: string,
): { values: Record<string, string>; problems: string[] } {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const [name, file] of Object.entries(files)) {
    try {
      values[name] = secretIn(file, name);
    } catch (error) {
      problems.push(`${where}.${name}: ${file}: ${(error as Error).message}`);
    }
  }
  return { values, problems };
}

const worded = ({ path, wrong }: AnswerProblem): string => oneLine(`${path.join(".")}: ${wrong}`);

function throwProblems(details: readonly string[]): void {
  if (details.length === 0) return;
  throw new SitefleetError({
    code: "init.answers",
    message: `${details.length === 1 ? "an answer is" : `${details.length} answers are`} wrong or missing; nothing was written`,
    details,
    hint: "sitefleet init asks for what is missing on a terminal; docs/guides/bring-up-an-estate.md has the form of the answers file",
  });
}

/** Pure. @param dir as it was given */
function nextCommands(dir: string): string[] {
  const path = dir.startsWith("/") || dir.startsWith("./") || dir.startsWith("../") ? dir : `./${dir}`;
  const plain = /^[\w@%+=:,./-]+$/.test(path) ? path : quoted(path);
  return [`. ${plain}/env.sh`, "npx sitefleet preview", "npx sitefleet up --yes"];
}
