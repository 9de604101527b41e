/** Where a text is kept. */
interface CommentPlace {
  /** `owner/name` */
  readonly repository: string;
  /** Number of the change: of a pull request. */
  readonly number: number;
  /** Begins the text of ours, among others' comments. */
  readonly mark: string;
}

/** What is known when a text is written. */
interface CommentNow {
  /** The text that is there. @default none is */
  readonly before: string | undefined;
  /** Newest commit of the change. @default not told */
  readonly head: string | undefined;
}

/** What became of it. */
interface KeptComment {
  readonly done: "made" | "updated" | "unchanged";
  /** Its address, for people. */
  readonly url: string;
}

/** How a vendor keeps one text of ours on a change. */
export interface Comments {
  /**
   * Makes the text, or changes it in its place. Only a comment of the token's own account is taken for ours: what others write can be
   * changed by them afterwards.
   *
   * @param text made from what is there; undefined: nothing is written
   * @throws SitefleetError `ci.comment`
   */
  keep(
    place: CommentPlace,
    text: (now: CommentNow) => string | undefined,
    env: Readonly<Record<string, string | undefined>>,
  ): Promise<KeptComment | undefined>;
}
