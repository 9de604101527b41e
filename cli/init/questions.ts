import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { FRAMEWORKS } from "../../model/index.ts";
import { answersSchema, type WrittenAnswers, zoneOf } from "../../operations/init/answers.ts";
import {
  asking,
  type OpenedVendor,
  openVendor,
  pathOf,
  secretIn,
  tokenVendors,
} from "../../operations/init/resolve.ts";
import { fingerprintOf, scanHost } from "../../plesk/index.ts";
import type { Vendor } from "../../vendors/index.ts";
import type { Asker } from "./asker.ts";

/** What the questions work with. */
export interface Questions {
  readonly asker: Asker;
  /** Directory of the estate. */
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Keeps what was answered so far, so that the next try goes on there. */
  save(answers: WrittenAnswers): void;
}

const { shape } = answersSchema;
type Site = NonNullable<WrittenAnswers["sites"]>[number];

/** What is wrong with a line, by its field's schema. Pure. */
const by = (schema: z.ZodType) => (line: string) => {
  const parsed = schema.safeParse(line);
  return parsed.success ? undefined : parsed.error.issues[0]?.message;
};

/** The schema of a field within a list of answers. */
function fieldOf(list: "zones" | "sites" | "hosts" | "secrets", name: string): z.ZodType {
  let schema: unknown = shape[list];
  while (!(schema as { shape?: object }).shape) {
    const { def } = schema as { def: { innerType?: unknown; element?: unknown } };
    schema = def.innerType ?? def.element;
  }
  return (schema as { shape: Record<string, z.ZodType> }).shape[name] as z.ZodType;
}

/** Asks for what the answers lack; what is there is not asked again. */
export async function askMissing(given: WrittenAnswers, questions: Questions): Promise<WrittenAnswers> {
  const { asker, save } = questions;
  let answers = given;
  const keep = (more: WrittenAnswers) => {
    answers = { ...answers, ...more };
    save(answers);
  };
  if (answers.target === undefined)
    keep({ target: await asker.line("Name of this estate", { usual: "production", wrong: by(shape.target) }) });
  const vendors: OpenedVendor[] = [];
  for (const vendor of tokenVendors()) {
    const { opened, file } = await openToken(vendor, answers, questions);
    vendors.push(opened);
    if (file !== undefined) keep({ tokens: { ...answers.tokens, [opened.variable]: file } });
  }
  if (answers.zones === undefined) keep({ zones: await askZones(vendors, asker) });
  for (const { vendor, account, ask } of vendors) {
    for (const { key, hint, required } of vendor.settings ?? []) {
      const list = account.choices?.[key];
      const needed =
        required === "always" || (required === "new-zones" && answers.zones?.some(({ mode }) => mode === "create"));
      if (list === undefined || !needed || answers.settings?.[key] !== undefined) continue;
      const choices = await asking({ vendor }, () => list(ask));
      keep({ settings: { ...answers.settings, [key]: await asker.one(`${vendor.title}: ${hint}`, choices) } });
    }
  }
  const source = vendors.find(({ account }) => account.newest !== undefined);
  while (answers.sites === undefined || (await asker.yes("Another site?"))) {
    keep({ sites: [...(answers.sites ?? []), await askSite(answers, source, asker)] });
  }
  if (answers.secrets === undefined) {
    const repository = await askRepository(
      "Repository whose environment holds the secrets (owner/name)",
      source,
      asker,
    );
    keep({ secrets: { repository } });
  }
  if (answers.hosts === undefined) {
    const hosts: NonNullable<WrittenAnswers["hosts"]> = [];
    while (await asker.yes(hosts.length === 0 ? "Are there SSH hosts that services are deployed to?" : "Another host?"))
      hosts.push(await askHost(asker));
    keep({ hosts });
  }
  return answers;
}

/** A token that the vendor accepts: that of the environment or of a file, else one that is typed and kept in a file. */
async function openToken(
  vendor: Vendor,
  { tokens = {} }: WrittenAnswers,
  { asker, dir, env }: Questions,
): Promise<{ opened: OpenedVendor; file?: string }> {
  const { variable = "" } = vendor.credentials ?? {};
  let file = tokens[variable];
  let token = file === undefined ? (env[variable] ?? "") : undefined;
  for (;;) {
    try {
      const text = token ?? secretIn(pathOf(file ?? ""), variable);
      if (text !== "") {
        const opened = await openVendor(vendor, text, env);
        if (token !== undefined && token !== env[variable]) file = keepToken(dir, variable, token);
        return { opened, file };
      }
    } catch (error) {
      if (!(error instanceof SitefleetError)) throw error;
      asker.tell(`${error.message}${error.hint === undefined ? "" : `\n${error.hint}`}`);
    }
    token = await asker.secret(`Token of ${vendor.title} (${variable}); it is kept in a file that only you can read`);
  }
}

function keepToken(dir: string, variable: string, token: string): string {
  const folder = join(dir, "tokens");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, variable);
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return file;
}

async function askZones(vendors: readonly OpenedVendor[], asker: Asker): Promise<NonNullable<WrittenAnswers["zones"]>> {
  const dns = vendors.find(({ account }) => account.zones !== undefined);
  const there = dns === undefined ? [] : await asking(dns, async () => (await dns.account.zones?.(dns.ask)) ?? []);
  const none: { name: string; mode: "existing" | "create" }[] = [];
  const zones =
    there.length === 0
      ? none
      : (await asker.several("Zones of this estate", there)).map((name) => ({ name, mode: "existing" as const }));
  while (zones.length === 0 || (await asker.yes("A zone that is not there yet?")))
    zones.push({
      name: await asker.line("Apex domain of the new zone", { wrong: by(fieldOf("zones", "name")) }),
      mode: "create",
    });
  return zones;
}

async function askRepository(question: string, source: OpenedVendor | undefined, asker: Asker): Promise<string> {
  for (;;) {
    const repository = await asker.line(question, { wrong: by(fieldOf("sites", "repository")) });
    const found =
      source === undefined ? "" : await asking(source, async () => source.account.newest?.(source.ask, repository));
    if (found !== undefined) return repository;
    asker.tell(`${repository} is not there for the token of ${source?.vendor.title}, or has no commit`);
  }
}

async function askSite({ zones = [] }: WrittenAnswers, source: OpenedVendor | undefined, asker: Asker): Promise<Site> {
  const inZone = (host: string) =>
    by(fieldOf("sites", "host"))(host) ??
    (zoneOf(host, zones) === undefined ? `takes a name in ${zones.map(({ name }) => name).join(", ")}` : undefined);
  const host = await asker.line("Host name of a site", { wrong: inZone });
  const repository = await askRepository("Its repository (owner/name)", source, asker);
  const rootDirectory = await asker.line("Directory in it (empty: its root)", {
    usual: "",
    wrong: by(fieldOf("sites", "rootDirectory")),
  });
  const known = (line: string) =>
    line === "other" || FRAMEWORKS.some((name) => name === line)
      ? undefined
      : `takes other, or one of ${FRAMEWORKS.join(", ")}`;
  const framework = await asker.line("Framework", { usual: "nextjs", wrong: known });
  return {
    host,
    repository,
    rootDirectory,
    framework: framework === "other" ? null : (framework as (typeof FRAMEWORKS)[number]),
  };
}

async function askHost(asker: Asker): Promise<NonNullable<WrittenAnswers["hosts"]>[number]> {
  const line = (question: string, name: string, usual?: string) =>
    asker.line(question, { usual, wrong: by(fieldOf("hosts", name)) });
  const key = await line("Name of the host in the catalog", "key", "plesk");
  const profile = await asker.one(
    "What kind of account",
    ["generic", "plesk-bash", "plesk-chroot", "kas"].map((value) => ({ value })),
  );
  for (;;) {
    const address = await line("Its address", "address");
    const port = Number(
      await asker.line("Port", { usual: "22", wrong: (text) => by(fieldOf("hosts", "port"))(Number(text) as never) }),
    );
    const shown = await scanHost(address, port).catch((error: Error) => {
      asker.tell(error.message);
      return [];
    });
    if (shown.length === 0) continue;
    const prints = shown.map((one) => ({ value: fingerprintOf(one.line), hint: one.line.split(" ")[0] }));
    const fingerprint = await asker.one("Which of these does the hoster publish?", [
      ...prints,
      { value: "none of them" },
    ]);
    if (fingerprint === "none of them")
      throw new SitefleetError({
        code: "host.unpinned",
        message: "the host shows a key that its hoster does not publish",
        subject: address,
        hint: "ask the hoster; do not go on",
      });
    const user = await line("Login name", "user");
    const root = await line("Directory that all its services lie below", "root");
    const keyFile = await asker.line("File with the private key", { wrong: unreadable });
    return { key, address, port, user, root, profile: profile as "generic", fingerprint, keyFile };
  }
}

function unreadable(file: string): string | undefined {
  try {
    secretIn(pathOf(file), "SSH_PRIVATE_KEY");
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
