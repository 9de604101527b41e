import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, CDPSession, Page } from "playwright-core";
import { openBrowser } from "../../flows/browser.ts";
import type { Sample } from "./shown.ts";

/** Runs in the page before its own program. */
const WATCH = `
  window.tasks = [];
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask" });
`;
/** All of one picture: nothing is drawn between two of these. */
const READ = `(() => {
  const state = document.getElementById("state");
  const passed = document.getElementById("rollout-sites")?.textContent;
  return {
    t: Date.now(),
    at: Date.parse(state.dataset.at),
    stale: state.dataset.stale === "yes",
    state: state.textContent,
    figures: document.querySelector(".run-figures")?.textContent,
    passed: passed === undefined ? undefined : Number(passed.split(" ")[0].replaceAll(",", "")),
  };
})()`;
/** Typed into the search, a letter a second. */
const WORDS = "site-0001";

/** The dashboard's page in Chromium, read once a second. */
export class WatchedPage {
  readonly samples: Sample[] = [];
  /** What the page complained of. */
  readonly said: string[] = [];
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #meter: CDPSession;
  /** CPU seconds of the page's one thread between two samples, the most. */
  mostWork = 0;
  #going = true;
  #watching: Promise<void> | undefined;

  private constructor(browser: Browser, page: Page, meter: CDPSession) {
    this.#browser = browser;
    this.#page = page;
    this.#meter = meter;
    page.on("pageerror", (error) => this.said.push(error.message));
  }

  /** Opens the page and waits for its first picture. */
  static async open(url: string): Promise<WatchedPage> {
    const browser = await openBrowser();
    const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
    await page.addInitScript(WATCH);
    const meter = await page.context().newCDPSession(page);
    await meter.send("Performance.enable", { timeDomain: "threadTicks" });
    const watched = new WatchedPage(browser, page, meter);
    await page.goto(url);
    await page.waitForSelector('#state[data-stale="no"]');
    await page.evaluate("window.tasks.length = 0");
    return watched;
  }

  /** Reads it once a second from now on, and types a letter into its search each time. */
  watch(): void {
    this.#watching = this.#watch();
  }

  async #watch(): Promise<void> {
    let before = await this.#work();
    for (let turn = 0; this.#going; turn++) {
      const next = Date.now() + 1000;
      this.samples.push((await this.#page.evaluate(READ)) as Sample);
      const letter = WORDS[turn % (WORDS.length + 1)];
      if (letter === undefined) await this.#page.locator("#search").fill("");
      else await this.#page.locator("#search").pressSequentially(letter);
      await sleep(Math.max(0, next - Date.now()));
      const now = await this.#work();
      this.mostWork = Math.max(this.mostWork, now - before);
      before = now;
    }
  }

  /** CPU seconds of the page's thread so far. */
  async #work(): Promise<number> {
    const { metrics } = await this.#meter.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
  }

  /** The longest task of the page's one thread: a key that is typed meanwhile waits so long for its answer, ms. */
  async longestTask(): Promise<number> {
    return (await this.#page.evaluate("Math.max(0, ...window.tasks)")) as number;
  }

  /** Reads no more. */
  async stop(): Promise<void> {
    this.#going = false;
    await this.#watching;
  }

  /** Ends the browser. */
  async close(): Promise<void> {
    await this.stop().catch(() => {});
    await this.#browser.close();
  }
}
