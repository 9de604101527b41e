import pLimit from "p-limit";
import { SitefleetError } from "../errors/index.ts";

/** What one server gives its agent at most. */
export interface SessionLimits {
  /** Calls of tools, and reads of resources and prompts. @default 500 */
  readonly calls: number;
  /** Calls within a minute. @default 60 */
  readonly perMinute: number;
  /** Euros that the builds of approved runs may cost. @default 20 */
  readonly euros: number;
}

/** See {@link SessionLimits}. */
export const DEFAULT_LIMITS: SessionLimits = { calls: 500, perMinute: 60, euros: 20 };

const refused = (message: string, hint: string) => new SitefleetError({ code: "mcp.budget", message, hint });
const MINUTE_MS = 60_000;
/** Calls of a session that are carried out at a time. */
const AT_ONCE = 4;

/** What a session has used. A client cannot begin another one: the server's process is the session. */
export class SessionBudget {
  readonly #limits: SessionLimits;
  readonly #now: () => number;
  #calls = 0;
  #euros = 0;
  #recent: number[] = [];
  readonly #limit = pLimit(AT_ONCE);
  readonly #open = new Set<Promise<unknown>>();

  /** @param now ms. @default this machine's */
  constructor(limits: SessionLimits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  /** @throws SitefleetError `mcp.budget` */
  call(): void {
    const { calls, perMinute } = this.#limits;
    if (this.#calls >= calls)
      throw refused(
        `this session has used its ${calls} calls`,
        "a person starts the server again, or with --max-calls",
      );
    const now = this.#now();
    this.#recent = this.#recent.filter((at) => now - at < MINUTE_MS);
    if (this.#recent.length >= perMinute) throw refused(`more than ${perMinute} calls a minute`, "wait a minute");
    this.#recent.push(now);
    this.#calls += 1;
  }

  /** Carries work out when fewer than four calls of the session are at work, whichever connection they came by. */
  atOnce<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#limit(work);
  }

  /** Keeps in mind that a call is not at its end. */
  begun<Result>(call: Promise<Result>): Promise<Result> {
    const ended = () => void this.#open.delete(call);
    this.#open.add(call);
    call.then(ended, ended);
    return call;
  }

  /** Waits for the end of every call. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) await Promise.allSettled(this.#open);
  }

  /** Takes what a run may cost out of the budget. @param amount undefined: not known, which is not nothing @returns what gives it back @throws SitefleetError `mcp.budget` */
  spend(amount: number | undefined): () => void {
    const { euros } = this.#limits;
    if (amount === undefined)
      throw refused("what this run costs is not known", "give the catalog a price list with builds (prices.yaml)");
    if (this.#euros + amount > euros)
      throw refused(
        `this run costs about €${amount.toFixed(2)}, and €${(euros - this.#euros).toFixed(2)} of the session's €${euros} are left`,
        "a person starts the server again with --max-euros",
      );
    this.#euros += amount;
    return () => {
      this.#euros -= amount;
    };
  }

  get used(): { readonly calls: number; readonly euros: number } {
    return { calls: this.#calls, euros: this.#euros };
  }
}
