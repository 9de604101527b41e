import type { Step } from "../../fleet/engine/outcome.ts";
import { formatSeconds } from "../../operations/kit/duration.ts";

/** A resource that an engine is at work on. */
interface Flight {
  readonly stack: string;
  readonly step: Step;
  /** ms since 1970 */
  readonly since: number;
}

/** What engines are at work on, and for how long: a build that hangs and a vendor's wait look like nothing else. */
export class InFlight {
  readonly #flights = new Map<string, Flight>();

  /** @param now ms since 1970 */
  start(stack: string, step: Step, now: number): void {
    // A component only groups: it ends with its last resource.
    if (step.component !== true) this.#flights.set(`${stack} ${step.urn}`, { stack, step, since: now });
  }

  end(stack: string, urn: string): void {
    this.#flights.delete(`${stack} ${urn}`);
  }

  /** Forgets all of a stack: its operation has ended. */
  drop(stack: string): void {
    for (const [key, flight] of this.#flights) if (flight.stack === stack) this.#flights.delete(key);
  }

  /**
   * What takes longer than `leastMs`, the longest first: `prod-cell-07: update Release quiz.qmoney.de, for 4 min`.
   *
   * @param most lines at most; the rest is counted
   */
  long(now: number, leastMs: number, most: number): string[] {
    const long = [...this.#flights.values()]
      .filter(({ since }) => now - since >= leastMs)
      .sort((a, b) => a.since - b.since);
    const lines = long.slice(0, most).map(({ stack, step, since }) => {
      const type = step.type.split(":").at(-1) ?? step.type;
      const doing = type === "Release" ? " (build, check, promotion)" : "";
      return `${stack}: ${step.op} ${type} ${step.name}${doing}, for ${formatSeconds((now - since) / 1000)}`;
    });
    return long.length > most ? [...lines, `and ${long.length - most} more`] : lines;
  }
}
