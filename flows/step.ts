import type { Page } from "playwright-core";
import type { FlowStep } from "../model/index.ts";
import type { Mailbox } from "./mailbox.ts";
import type { FlowUser } from "./types.ts";

/** What a step is done with. */
export interface StepPlace {
  readonly page: Page;
  readonly user: FlowUser;
  /** Address of the flow's service, without a slash at the end. */
  readonly origin: string;
  /** Hosts that a mail's link may lead to. */
  readonly hosts: ReadonlySet<string>;
  readonly mailbox?: Mailbox | undefined;
  /** What the step may take, ms. */
  readonly timeout: number;
}

/** A text of the catalog with the test user's values. Pure. */
const filled = (text: string, user: FlowUser): string =>
  text.replace(/\{(run|mail|name|password)\}/g, (_, name: keyof FlowUser) => user[name]);

/** A step in words, for people: `press "Donate"`. Pure. */
export function inWords({ with: value, ...step }: FlowStep): string {
  const [does = "", what = ""] = Object.entries(step)[0] ?? [];
  return `${does} ${JSON.stringify(what)}${value === undefined ? "" : ` with ${JSON.stringify(value)}`}`;
}

/** Does one step. @throws Error of the browser, or one that says what was not as it should be */
export async function doStep(step: FlowStep, place: StepPlace): Promise<void> {
  const { page, user, origin, timeout } = place;
  const of = (text: string): string => filled(text, user);
  const options = { timeout };
  if (step.open !== undefined) await visit(page, `${origin}${of(step.open)}`, timeout);
  else if (step.fill !== undefined)
    await page.getByLabel(of(step.fill), { exact: true }).fill(of(step.with ?? ""), options);
  else if (step.choose !== undefined)
    await page.getByLabel(of(step.choose), { exact: true }).selectOption(of(step.with ?? ""), options);
  else if (step.check !== undefined) await page.getByLabel(of(step.check), { exact: true }).check(options);
  else if (step.press !== undefined)
    await page
      .getByRole("button", { name: of(step.press), exact: true })
      .first()
      .click(options);
  else if (step.follow !== undefined)
    await page
      .getByRole("link", { name: of(step.follow), exact: true })
      .first()
      .click(options);
  else if (step.see !== undefined) await page.getByText(of(step.see)).first().waitFor({ state: "visible", timeout });
  else if (step.miss !== undefined) {
    await page.waitForLoadState("load", options);
    if (await page.getByText(of(step.miss)).first().isVisible()) throw new Error("the page shows it");
  } else if (step.mail !== undefined) await openMail(of(step.mail), place);
  else {
    const name = step.cookie ?? step.noCookie ?? "";
    await page.waitForLoadState("load", options);
    const set = (await page.context().cookies()).some((cookie) => cookie.name === name);
    if (set !== (step.cookie !== undefined)) throw new Error(set ? "the cookie is set" : "the cookie is not set");
  }
}

async function visit(page: Page, url: string, timeout: number): Promise<void> {
  const response = await page.goto(url, { timeout, waitUntil: "load" });
  if (response !== null && response.status() >= 400) throw new Error(`the page answers ${response.status()}`);
}

async function openMail(subject: string, { page, user, mailbox, hosts, timeout }: StepPlace): Promise<void> {
  if (mailbox === undefined) throw new Error("there is no mailbox");
  const link = await mailbox.link(user.mail, subject, timeout);
  // A mail is what others have written: it does not lead the browser out of the estate.
  if (!hosts.has(new URL(link).host)) throw new Error(`the mail's link leads to ${new URL(link).host}`);
  await visit(page, link, timeout);
}
