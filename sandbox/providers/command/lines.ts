import type { Readable } from "node:stream";

/** Everything a process wrote, for the outputs and for the error text. */
export class Capture {
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  readonly #both: Buffer[] = [];

  /** Collects a process's output. */
  follow(process: { readonly stdout: Readable | null; readonly stderr: Readable | null }): void {
    process.stdout?.on("data", (chunk: Buffer) => {
      this.#stdout.push(chunk);
      this.#both.push(chunk);
    });
    process.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr.push(chunk);
      this.#both.push(chunk);
    });
  }

  /** stdout without its last line break, as the state holds it. */
  get stdout(): string {
    return text(this.#stdout);
  }

  /** stderr without its last line break. */
  get stderr(): string {
    return text(this.#stderr);
  }

  /** Both, as they came: what a failure quotes. */
  get both(): string {
    return Buffer.concat(this.#both).toString();
  }
}

function text(chunks: Buffer[]): string {
  return Buffer.concat(chunks).toString().replace(/\n$/, "");
}
