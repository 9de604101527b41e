import type { Browser, BrowserContext, Page } from "playwright-core";
import { SitefleetError } from "../../errors/index.ts";
import { reasonOf } from "../../errors/reason.ts";
import { openBrowser } from "../../flows/browser.ts";
import { Unusable } from "../source/read.ts";

/** Longest that a page may take, and after it what loads late, ms. */
const PAGE_MS = 30_000;
const LATE_MS = 5000;

/** Opens the machine's Chromium. @throws Unusable where there is none */
export async function startBrowser(): Promise<Browser> {
  try {
    return await openBrowser();
  } catch (error) {
    if (error instanceof SitefleetError)
      throw new Unusable(`${error.message}: ${error.hint ?? error.details[0] ?? ""}`);
    throw error;
  }
}

/** Does the work in a fresh profile, as a first visit has it. The browser that is given stays. */
export async function freshly<Value>(
  browser: Browser,
  work: (context: BrowserContext) => Promise<Value>,
): Promise<Value> {
  const context = await browser.newContext({ locale: "de-AT", acceptDownloads: false, serviceWorkers: "block" });
  context.setDefaultTimeout(PAGE_MS);
  try {
    return await work(context);
  } finally {
    await context.close().catch(() => {});
  }
}

/** Goes to a page and waits until nothing more is loaded, for at most some seconds. @throws Unusable when it does not answer with 2xx */
export async function visit(page: Page, url: string): Promise<void> {
  const answer = await page.goto(url, { waitUntil: "load", timeout: PAGE_MS }).catch((error: unknown) => {
    throw new Unusable(`${url} cannot be opened: ${String((reasonOf(error) as Error).message ?? "").split("\n")[0]}`);
  });
  const status = answer?.status() ?? 0;
  if (status < 200 || status >= 300) throw new Unusable(`${url} answers with ${status}`);
  await page.waitForLoadState("networkidle", { timeout: LATE_MS }).catch(() => {});
}
