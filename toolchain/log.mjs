/** Prints a step to stderr: stdout stays free for data. */
export function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

/** An error whose message is all that a person needs; `hint` says what to do. */
export class SetupError extends Error {
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}
