import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { type ShownKey, scanHost } from "../../plesk/index.ts";
import { Unanswered } from "../../vendors/answers.ts";
import { askAt } from "../../vendors/ask.ts";
import type { Account, Ask } from "../../vendors/checkup.ts";
import { SECRETS, VENDORS, type Vendor } from "../../vendors/index.ts";
import type { AnswerProblem, Answers, HostAnswer } from "./answers.ts";
import type { Resolved } from "./plan.ts";

/** Longest time for one vendor to answer what an answer is held against, ms. */
const ASK_MS = 10_000;

/** A vendor that is set up, and how it is asked. */
export interface OpenedVendor {
  readonly vendor: Vendor;
  /** Variable with its token. */
  readonly variable: string;
  readonly account: Account;
  readonly ask: Ask;
}

/** The vendors that an estate needs a token of, in the order in which they are asked for. */
export const tokenVendors = (): readonly Vendor[] =>
  VENDORS.filter(
    (vendor) =>
      vendor.account !== undefined && (vendor.hosting ?? vendor.dns ?? (vendor === SECRETS || undefined)) !== undefined,
  );

/** A path as people write it: `~` is their home, and a relative one begins where they are. */
export const pathOf = (text: string): string => resolve(text.replace(/^~(?=\/|$)/, homedir()));

/** A secret's file without the line break at its end. @throws SitefleetError `init.answers` when it cannot be read or is empty */
export function secretIn(file: string, name: string): string {
  let value: string;
  try {
    value = readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw new SitefleetError({
      code: "init.answers",
      message: `the file of ${name} cannot be read (${code})`,
      subject: file,
      cause,
    });
  }
  if (value !== "") return value;
  throw new SitefleetError({ code: "init.answers", message: `the file of ${name} is empty`, subject: file });
}

/** Opens a vendor with a token, and looks whether it is accepted. @throws SitefleetError `init.answers` with what is wrong */
export async function openVendor(vendor: Vendor, token: string, env: NodeJS.ProcessEnv): Promise<OpenedVendor> {
  const { variable = "", check } = vendor.credentials ?? {};
  const wrong = token === "" ? "is missing" : /\s/.test(token) ? "holds a line break or a space" : check?.(token);
  const account = await vendor.account?.();
  if (wrong !== undefined || account === undefined)
    throw new SitefleetError({
      code: "init.answers",
      message: `${variable} ${wrong}`,
      hint: `make a token at ${vendor.title}; docs/guides/bring-up-an-estate.md says what it must be able to do`,
    });
  const ask: Ask = (path, query) =>
    askAt({ url: account.address(env), token, env, signal: AbortSignal.timeout(ASK_MS) })(path, query);
  const opened = { vendor, variable, account, ask };
  await asking(opened, () => account.whose(ask));
  return opened;
}

/** Asks a vendor; what it refuses is said as a person can act on it. @throws SitefleetError `init.answers` */
export async function asking<T>({ vendor }: Pick<OpenedVendor, "vendor">, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof SitefleetError) throw error;
    const [message, hint] =
      error instanceof Unanswered
        ? [error.line.says, error.line.todo]
        : [`${vendor.title} does not answer: ${(error as Error).message}`, "look at the network and at HTTPS_PROXY"];
    throw new SitefleetError({ code: "init.answers", message, hint, cause: error });
  }
}

/** The key of a host, held against the fingerprint that its hoster publishes. Pure. */
export function chosenKey(
  { address, fingerprint }: Pick<HostAnswer, "address" | "fingerprint">,
  shown: readonly ShownKey[],
): string | { readonly wrong: string } {
  const found = shown.find((key) => key.fingerprint === fingerprint?.replace(/=$/, ""));
  if (found !== undefined) return found.line;
  const list = shown.map(({ line, fingerprint: print }) => `${print} (${line.split(" ")[0]})`).join(", ");
  const says = fingerprint === undefined ? "is missing" : "is not one of the host's";
  return {
    wrong: `${says}: ${address} shows ${list}; compare with what the hoster publishes, and write the one that is right`,
  };
}

/**
 * Holds the answers against the vendors and the hosts, and finds out what they leave open. Reads only.
 *
 * @param vendors those that could be opened
 * @returns what was found, and everything that is wrong
 */
export async function resolveAnswers(
  answers: Answers,
  vendors: readonly OpenedVendor[],
): Promise<{ readonly resolved: Resolved; readonly problems: readonly AnswerProblem[] }> {
  const problems: AnswerProblem[] = [];
  const wrong = (path: AnswerProblem["path"], says: string) => problems.push({ path, wrong: says });
  await Promise.all(
    vendors.flatMap(({ account, ask, vendor }) =>
      Object.entries(account.choices ?? {}).map(async ([key, list]) => {
        const given = answers.settings[key];
        if (given === undefined) return;
        const choices = await asking({ vendor }, () => list(ask));
        if (choices.every(({ value }) => value !== given))
          wrong(["settings", key], `${given} is none of ${choices.map(({ value }) => value).join(", ")}`);
      }),
    ),
  );
  const dns = vendors.find(({ account }) => account.zones !== undefined);
  const there = new Set(
    (dns === undefined ? [] : await asking(dns, async () => (await dns.account.zones?.(dns.ask)) ?? [])).map(
      ({ value }) => value,
    ),
  );
  const modes = (answers.zones ?? []).map(({ name, mode }, index): [string, "existing" | "create" | "skip"] => {
    if (mode === "existing" && dns !== undefined && !there.has(name))
      wrong(
        ["zones", index, "name"],
        `${name} is none of the token's zones: ${[...there].join(", ") || "it sees none"}`,
      );
    return [name, mode ?? (there.has(name) ? "existing" : "create")];
  });
  const source = vendors.find(({ account }) => account.newest !== undefined);
  const newest = new Map<string, Promise<string | undefined>>();
  const commits = (answers.sites ?? []).map(
    async ({ host, repository, branch, commit }, index): Promise<[string, string]> => {
      if (commit !== undefined || source === undefined) return [host, commit ?? ""];
      const key = `${repository} ${branch ?? ""}`;
      const asked =
        newest.get(key) ?? asking(source, async () => source.account.newest?.(source.ask, repository, branch));
      newest.set(key, asked);
      const found = await asked;
      if (found === undefined)
        wrong(
          ["sites", index, "repository"],
          `${repository} has no ${branch === undefined ? "commit" : `branch ${branch}`} that the token of ${source.vendor.title} sees`,
        );
      return [host, found ?? ""];
    },
  );
  const hostKeys = answers.hosts.map(async (host, index): Promise<[string, string[]]> => {
    const key = await scanHost(host.address, host.port).then(
      (shown) => chosenKey(host, shown),
      (error: Error) => ({ wrong: error.message }),
    );
    if (typeof key === "string") return [host.key, [key]];
    wrong(["hosts", index, "fingerprint"], key.wrong);
    return [host.key, []];
  });
  const resolved = {
    modes: new Map(modes),
    commits: new Map(await Promise.all(commits)),
    hostKeys: new Map(await Promise.all(hostKeys)),
  };
  return { resolved, problems };
}

/** Whether a path can hold an estate; what is wrong otherwise. */
export function wrongPlace(dir: string, projectRoot: string): string | undefined {
  if (existsSync(dir) && !statSync(dir).isDirectory()) return "is a file, and an estate needs a directory";
  if (dir === projectRoot || dir === resolve(projectRoot, "catalog"))
    return "is the project's own: name another, e.g. estate";
  return undefined;
}
