/** Keeps which steps ran, how long each took, and which one failed. */
export class Steps {
  readonly #times = new Map<string, number>();
  readonly #onStep: ((step: string, ms: number | undefined) => void) | undefined;
  #failed: string | undefined;

  constructor(onStep?: (step: string, ms: number | undefined) => void) {
    this.#onStep = onStep;
  }

  /** Runs one step; its name is kept when it throws. The first failure counts: putting back may fail as well. */
  async step<T>(name: string, run: () => Promise<T>): Promise<T> {
    const start = performance.now();
    this.#onStep?.(name, undefined);
    try {
      return await run();
    } catch (error) {
      this.#failed ??= name;
      throw error;
    } finally {
      const ms = Math.round(performance.now() - start);
      this.#times.set(name, (this.#times.get(name) ?? 0) + ms);
      this.#onStep?.(name, ms);
    }
  }

  /** Milliseconds a step, in the order in which they ran. */
  get times(): Record<string, number> {
    return Object.fromEntries(this.#times);
  }

  /** The first step that failed. */
  get failed(): string | undefined {
    return this.#failed;
  }
}
