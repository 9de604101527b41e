/** A pull request that is to be. */
interface NewPull {
  /** `owner/name` */
  readonly repository: string;
  /** Branch with the change, and branch that it is for. */
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

/** How a vendor takes changes for review. */
export interface Pulls {
  /** Where git reaches its repositories, with `/` at the end. */
  readonly server: string;
  /** Opens a pull request. @returns its address; or the status that refused it. Rejects when there is no answer */
  open(
    pull: NewPull,
    token: string,
    env: Readonly<Record<string, string | undefined>>,
    signal: AbortSignal,
  ): Promise<{ readonly url: string } | { readonly refused: number }>;
}
