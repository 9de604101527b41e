/** What a CLI process came to. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** The one method of `PulumiCommand` that the Automation API calls; the SDK's typings leave it out as internal. */
export interface Runnable {
  run(
    args: string[],
    cwd: string,
    env: Record<string, string>,
    onOutput?: (text: string) => void,
    onError?: (text: string) => void,
    signal?: AbortSignal,
  ): Promise<CommandResult>;
}
