import type { Browser, BrowserContext, Page } from "playwright-core";
import { plainLine } from "../errors/plain.ts";
import type { Flow, Flows } from "../model/index.ts";
import { newUser } from "./run.ts";
import { type TryOptions, tryFlow } from "./try.ts";
import type { Left } from "./types.ts";

type VisualPage = Flows["visual"]["pages"][number];

/** A page in one size: its picture, or why there is none. */
export interface Seen {
  readonly page: string;
  readonly size: string;
  /** Percent that may differ. */
  readonly percent: number;
  readonly picture?: Buffer | undefined;
  readonly reason?: string | undefined;
}

/** Where pages are looked at. */
export interface PagesOptions extends Pick<TryOptions, "hosts" | "mailbox" | "evidence" | "signal"> {
  readonly browser: Browser;
  readonly flows: Flows;
  readonly chosen: readonly VisualPage[];
  origin(service: string): string;
  refused(flow: Flow): string | undefined;
  /** Keeps what a try may leave under an id, for a later process. */
  keep?(id: string, left: Left): void;
  forget?(id: string): void;
}

/** Looks at pages in every size, one after the other. What cannot be seen says why. */
export async function lookAtPages(options: PagesOptions): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const page of options.chosen) if (!options.signal?.aborted) seen.push(...(await lookAt(page, options)));
  return seen;
}

async function lookAt(wanted: VisualPage, options: PagesOptions): Promise<Seen[]> {
  const { flows, browser, origin } = options;
  const { key, service, percent } = wanted;
  const timeout = flows.stepSeconds * 1000;
  const seen: Seen[] = [];
  const pictures = async (page: Page): Promise<void> => {
    for (const { name, width, height } of flows.visual.sizes) {
      await page.setViewportSize({ width, height });
      await page.goto(`${origin(service)}${wanted.path}`, { timeout, waitUntil: "load" });
      seen.push({ page: key, size: name, percent, picture: await pictureOf(page, wanted.masks, timeout) });
    }
  };
  const without = (reason: string): Seen[] =>
    flows.visual.sizes.map(({ name }) => ({ page: key, size: name, percent, reason: plainLine(reason) }));
  const flow = flows.flows.find((one) => one.key === wanted.flow);
  let context: BrowserContext | undefined;
  try {
    if (flow === undefined) {
      context = await browser.newContext({ locale: "en", serviceWorkers: "block" });
      await pictures(await context.newPage());
      return seen;
    }
    const refused = options.refused(flow);
    if (refused !== undefined) return without(refused);
    const user = newUser(flows);
    const place = {
      ...options,
      origin: origin(flow.service),
      user,
      timeout,
      keep: (left: Left) => options.keep?.(user.run, left),
      forget: () => options.forget?.(user.run),
    };
    const tried = await tryFlow(flow, { ...place, onPage: ({ page }) => pictures(page) });
    return tried.ok ? seen : without(tried.reason);
  } catch (error) {
    return without((error as Error).message.split("\n")[0] ?? "");
  } finally {
    await context?.close().catch(() => {});
  }
}

/** A picture of all of a page, without what moves and with its masks covered. */
function pictureOf(page: Page, masks: readonly string[], timeout: number): Promise<Buffer> {
  const mask = masks.map((selector) => page.locator(selector));
  return page.screenshot({ fullPage: true, animations: "disabled", caret: "hide", scale: "css", mask, timeout });
}
