import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { stateDir } from "../fleet/backend/store/state-dir.ts";
import { ownStore, stateStore } from "../fleet/backend/store/state-store.ts";
import { keptRequest } from "../fleet/gates/index.ts";
import type { Estate } from "../operations/kit/estate.ts";
import { perform } from "../operations/kit/operation.ts";
import { report } from "../operations/report.ts";
import { cleanData, cleanPage, NOTICE } from "./clean.ts";
import { DOCS } from "./explain.ts";

/** A resource as it is listed. */
export interface Listed {
  readonly uri: string;
  readonly name: string;
  readonly description: string;
  readonly mimeType: string;
}

/** Pages that are no resource: pictures. */
const PAGE = /^(?:(?:guides|reference|adr|schema)\/)?[\w-]+\.(?:md|schema\.json)$/;
/** What has an address of its own, beside what is listed. */
export const TEMPLATES = [
  {
    uriTemplate: "sitefleet://catalog/{file}#{part}",
    name: "a part of a file",
    description: "what is too long for one answer comes in parts, from 1; each says how many there are",
    mimeType: "text/plain",
  },
  {
    uriTemplate: "sitefleet://changes/{digest}",
    name: "a change set",
    description: "what a request for an approval is about, by its digest",
    mimeType: "application/json",
  },
  {
    uriTemplate: "sitefleet://report/{run}",
    name: "a report",
    description: "what a run came to, by its id",
    mimeType: "application/json",
  },
];

const pages = (): string[] =>
  readdirSync(DOCS, { recursive: true, encoding: "utf8" })
    .filter((name) => PAGE.test(name))
    .sort();
const files = (catalogDir: string): string[] =>
  existsSync(catalogDir)
    ? readdirSync(catalogDir, { withFileTypes: true })
        // A link leads to whatever this user can read.
        .flatMap((entry) => (entry.isFile() && /^[a-z-]+\.(yaml|csv)$/.test(entry.name) ? [entry.name] : []))
        .sort()
    : [];

/** Everything that has an address and can be listed: the catalog's files, and our own pages. */
export const listResources = ({ catalogDir }: Estate): Listed[] => [
  ...files(catalogDir).map((name) => ({
    uri: `sitefleet://catalog/${name}`,
    name,
    description: "a file of the catalog",
    mimeType: name.endsWith(".csv") ? "text/csv" : "application/yaml",
  })),
  ...pages().map((name) => ({
    uri: `sitefleet://docs/${name}`,
    name,
    description: "a page of the documentation",
    mimeType: name.endsWith(".md") ? "text/markdown" : "application/json",
  })),
];

const unknown = (uri: string) =>
  new SitefleetError({
    code: "mcp.unknown",
    message: "there is no such resource",
    subject: uri.slice(0, 100),
    hint: "take an address of the list",
  });

/**
 * Reads a resource. Only addresses of the list are files; none is made from what was asked for.
 *
 * @throws SitefleetError `mcp.unknown`
 */
export async function readResource(
  uri: string,
  estate: Estate,
  own: (text: string) => string,
): Promise<{ readonly text: string; readonly mimeType: string }> {
  const [, address = uri, part = "1"] = /^(.*)#([1-9]\d{0,2})$/s.exec(uri) ?? [];
  const listed = listResources(estate).find((one) => one.uri === address);
  if (listed !== undefined) {
    const isPage = address.startsWith("sitefleet://docs/");
    const text = partOf(
      readFileSync(join(isPage ? DOCS : estate.catalogDir, listed.name), "utf8"),
      own,
      uri,
      Number(part),
    );
    return { text: isPage ? text : marked(text), mimeType: isPage ? listed.mimeType : "text/plain" };
  }
  const digest = /^sitefleet:\/\/changes\/([0-9a-f]{64})$/.exec(uri)?.[1];
  if (digest !== undefined) {
    const kept = await keptRequest(ownStore(stateDir(environment()), await stateStore()), digest);
    if (kept?.set === undefined) throw unknown(uri);
    return json(kept.set, own);
  }
  const run = /^sitefleet:\/\/report\/([\w.-]{1,80})$/.exec(uri)?.[1];
  if (run === undefined) throw unknown(uri);
  return json((await perform(report, { run }, { estate })).document, own);
}

/** A part of a file, which says where the rest is. @throws SitefleetError `mcp.unknown` */
function partOf(whole: string, own: (text: string) => string, uri: string, part: number): string {
  try {
    const { text, parts } = cleanPage(whole, own, part);
    const address = uri.replace(/#\d+$/, "");
    return parts === 1 ? text : `# part ${part} of ${parts}; ${address}#1 to #${parts} are all of it\n${text}`;
  } catch (error) {
    if (error instanceof RangeError) throw unknown(uri);
    throw error;
  }
}

/** A text that others may have written, marked as such. Pure. */
const marked = (text: string): string => `# ${NOTICE}\n${text}`;

const json = (value: unknown, own: (text: string) => string) => {
  const { data, cut } = cleanData(value, own);
  return { text: JSON.stringify({ notice: NOTICE, cut, data }), mimeType: "application/json" };
};

/** The runbooks, as prompts: a guide each. */
export const listPrompts = (): { readonly name: string; readonly description: string }[] =>
  pages()
    .filter((name) => name.startsWith("guides/"))
    .map((name) => ({
      name: name.slice("guides/".length, -".md".length),
      description: /^# (.+)/.exec(readFileSync(join(DOCS, name), "utf8"))?.[1] ?? name,
    }));

/** A runbook. @throws SitefleetError `mcp.unknown` */
export function readPrompt(name: string, own: (text: string) => string): string {
  const found = listPrompts().find((one) => one.name === name);
  if (found === undefined) throw unknown(name);
  const { text } = cleanPage(readFileSync(join(DOCS, "guides", `${found.name}.md`), "utf8"), own);
  return `Go by this runbook of sitefleet. You cannot approve anything: where it says that a person signs or agrees, ask with request_approval and wait.\n\n${text}`;
}
