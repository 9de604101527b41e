import { RESET_HEADER, RESET_SAYS, RESET_STATES, type Reset, type ResetState } from "../commands/reset.ts";
import type { Health } from "../input.ts";
import { ask } from "./ask.ts";

/** Questions at a time once a reset was acknowledged: each PHP process keeps resolved paths for itself, so several have to be asked. */
const LOOKS = 4;
/** Refusals in a row that count: one may come of a web server that has not seen the new file yet. */
const REFUSALS = 3;

/** What PHP said of itself. */
type CodeAnswer =
  | { readonly release: string; readonly state: ResetState }
  /** The script was not run: the web server or the application keeps it from being reached. */
  | { readonly refused: number }
  /** Something is wrong, and may be right later. */
  | { readonly failed: number };

const SAID = new RegExp(`^${RESET_SAYS} ([^ ]+) (${RESET_STATES.join("|")})$`);

async function askCode(
  health: Health,
  reset: Reset,
  forget: boolean,
  signal: AbortSignal | undefined,
): Promise<CodeAnswer> {
  const url = new URL(`/${reset.name}${forget ? "?reset" : ""}`, health.url).href;
  const { status, body } = await ask(url, health.host, signal, { [RESET_HEADER]: reset.key });
  const [, release, state] = SAID.exec(body.trim()) ?? [];
  if (status === 200 && release !== undefined) return { release, state: state as ResetState };
  // 501: there is no PHP. A good answer of another making comes of an application that takes every address, or of no PHP.
  return status < 500 || status === 501 ? { refused: status } : { failed: status };
}

/**
 * Whether PHP runs a release. The marker file alone does not tell: the web server reads it each time, but PHP goes on with paths that it
 * resolved, and code that it compiled, before the switch.
 */
export class CodeCheck {
  readonly #health: Health;
  readonly #reset: Reset;
  readonly #release: string;
  #forgotten = false;
  #answered = false;
  #refusals = 0;
  #status = 0;

  constructor(health: Health, reset: Reset, release: string) {
    this.#health = health;
    this.#reset = reset;
    this.#release = release;
  }

  /** Asks once; to be repeated until there is no complaint. The first acknowledged question resets. @throws what `ask` throws */
  async complaint(signal: AbortSignal | undefined): Promise<string | undefined> {
    if (this.#refusals >= REFUSALS) return undefined;
    const looks = this.#forgotten ? LOOKS : 1;
    const forget = !this.#forgotten;
    const answers = await Promise.all(
      Array.from({ length: looks }, () => askCode(this.#health, this.#reset, forget, signal)),
    );
    for (const answer of answers) {
      const wrong = this.#judge(answer);
      if (wrong !== undefined) return wrong;
    }
    // Reset just now: what it runs is seen from the next question on.
    return forget && !this.#given ? this.complaint(signal) : undefined;
  }

  get #given(): boolean {
    return this.#refusals >= REFUSALS;
  }

  #judge(answer: CodeAnswer): string | undefined {
    if ("refused" in answer) {
      // A script that was let through once is not refused for good.
      if (!this.#answered) this.#refusals += 1;
      this.#status = answer.refused;
      return this.#given ? undefined : `does not let PHP be asked (${answer.refused})`;
    }
    this.#answered ||= !("failed" in answer);
    this.#refusals = 0;
    if ("failed" in answer) {
      this.#forgotten = false;
      return `answers ${answer.failed} when PHP is asked for its release`;
    }
    if (answer.state === "refused") return "keeps PHP's compiled code: opcache_reset() is not allowed";
    if (!this.#forgotten) {
      this.#forgotten = true;
      return undefined;
    }
    if (answer.release === this.#release) return undefined;
    this.#forgotten = false;
    const found = /^[0-9a-z]{1,64}$/.test(answer.release) ? `release ${answer.release.slice(0, 12)}` : "other code";
    return `runs ${found} in PHP instead of ${this.#release.slice(0, 12)}`;
  }

  /** What could not be found out, one sentence each; for people. */
  get unconfirmed(): string[] {
    if (!this.#given) return [];
    return [
      `PHP could not be asked which release it runs (${this.#status}): let /sitefleet-reset-*.php through, or make sure that it keeps no old code`,
    ];
  }
}
