import type { Browser, BrowserContext, Page } from "playwright-core";
import { judged, most } from "../judge.ts";
import { orNotRun } from "../source/read.ts";
import type { Finding, Judged, PageSubject } from "../types.ts";
import { freshly, visit } from "./open.ts";

/** What loads after the page itself, as tags that are put in by a script, ms. */
const SETTLE_MS = 1000;
/** Time for the button that says yes, ms. */
const BUTTON_MS = 3000;

/** What a page had asked for and stored. */
interface Stored {
  /** Hosts that were asked, beside the page's own. */
  readonly hosts: readonly string[];
  readonly cookies: readonly string[];
  /** Keys of local and session storage, names of databases. */
  readonly storage: readonly string[];
}

/** What was seen on a page. */
interface ConsentSeen {
  readonly page: string;
  readonly before: Stored;
  /** The banner was there, and its yes could be given. */
  readonly banner: boolean;
  /** Undefined where there was no banner. */
  readonly after?: Stored | undefined;
}

/** Whether anything that needs consent is asked for or stored before the yes. */
export const consent = (subject: PageSubject, browser: Browser): Promise<Judged> =>
  orNotRun(async () => {
    const seen: ConsentSeen[] = [];
    for (const path of subject.pages) seen.push(await freshly(browser, (context) => lookAt(context, subject, path)));
    return judgeConsent(seen, subject.settings.consent);
  });

async function lookAt(context: BrowserContext, { origin, settings }: PageSubject, path: string): Promise<ConsentSeen> {
  const hosts = new Set<string>();
  const own = new URL(origin).hostname;
  // Of the context, not the page: frames, workers and what a page opens count as well.
  context.on("request", (request) => {
    const { hostname, protocol } = URL.parse(request.url()) ?? { hostname: "", protocol: "" };
    if (/^(https?|wss?):$/.test(protocol) && hostname !== own) hosts.add(hostname);
  });
  const page = await context.newPage();
  page.on("websocket", (socket) => {
    const hostname = URL.parse(socket.url())?.hostname ?? "";
    if (hostname !== own) hosts.add(hostname);
  });
  await visit(page, `${origin}${path}`);
  await page.waitForTimeout(SETTLE_MS);
  const before = await storedOf(context, page, hosts);
  const banner = await sayYes(page, settings.consent.accept);
  if (!banner) return { page: path, before, banner };
  await page.waitForTimeout(SETTLE_MS);
  return { page: path, before, banner, after: await storedOf(context, page, hosts) };
}

async function storedOf(context: BrowserContext, page: Page, hosts: ReadonlySet<string>): Promise<Stored> {
  const cookies = (await context.cookies()).map(({ name }) => name);
  const read = `(async () => [...Object.keys(localStorage), ...Object.keys(sessionStorage), ...(await indexedDB.databases()).map((one) => one.name ?? "")])()`;
  const storage = await Promise.all(page.frames().map((frame) => frame.evaluate(read).catch(() => [])));
  return {
    hosts: [...hosts].sort(),
    cookies: [...new Set(cookies)].sort(),
    storage: [...new Set((storage as string[][]).flat())].sort(),
  };
}

async function sayYes(page: Page, texts: readonly string[]): Promise<boolean> {
  const pattern = new RegExp(`^\\s*(${texts.map((text) => escaped(text)).join("|")})\\s*$`, "i");
  for (const frame of page.frames()) {
    const found = frame
      .getByRole("button", { name: pattern })
      .or(frame.getByRole("link", { name: pattern }))
      .first();
    if (!(await found.isVisible().catch(() => false))) continue;
    const clicked = await found.click({ timeout: BUTTON_MS }).then(
      () => true,
      () => false,
    );
    if (clicked) return true;
  }
  return false;
}

/** What needs no consent; `*` stands for any characters. */
interface Necessary {
  readonly hosts: readonly string[];
  readonly cookies: readonly string[];
  readonly storage: readonly string[];
}

/** Judges what was seen. Pure. */
function judgeConsent(seen: readonly ConsentSeen[], necessary: Necessary): Judged {
  const findings = seen.flatMap(({ page, before, banner }): Finding[] => {
    const wrong = (kind: keyof Stored, rule: string, says: (name: string) => string) =>
      before[kind]
        .filter((name) => !necessary[kind].some((pattern) => fits(pattern, name)))
        .map((name): Finding => ({ rule, level: "error", message: `before the yes: ${says(name)}`, file: page }));
    return [
      ...wrong("hosts", "request", (name) => `${name} is asked`),
      ...wrong("cookies", "cookie", (name) => `the cookie ${name} is set`),
      ...wrong("storage", "storage", (name) => `${name} is stored`),
      ...(banner
        ? []
        : [
            {
              rule: "banner",
              level: "error" as const,
              message: "no banner asks for consent, or none of the declared texts says yes",
              file: page,
            },
          ]),
    ];
  });
  const later = seen.reduce((sum, { before, after }) => sum + (after ? count(after) - count(before) : 0), 0);
  return judged(
    [most("without consent", findings.length, 0), { name: "after the yes", value: Math.max(0, later) }],
    findings,
  );
}

const count = ({ hosts, cookies, storage }: Stored): number => hosts.length + cookies.length + storage.length;

/** Whether a name fits a pattern. Pure. */
const fits = (pattern: string, name: string): boolean =>
  new RegExp(
    `^${pattern
      .split("*")
      .map((part) => escaped(part))
      .join(".*")}$`,
    "i",
  ).test(name);

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
