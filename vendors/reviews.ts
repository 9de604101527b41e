/** What people have said of a change or a run at a vendor, as it is told there. What of it counts is judged elsewhere. */
export interface Review {
  /** `change`: of a change as such; `run`: of a run of the vendor's own that waits at a gate. */
  readonly form: "change" | "run";
  /** Where it was said, for people: `pull request 12`. */
  readonly place: string;
  /** Names it among all of its repository. */
  readonly key: string;
  /** Undefined when the account is gone. */
  readonly by: { readonly id: number; readonly login: string; readonly person: boolean } | undefined;
  /** `remark`: neither yes nor no. */
  readonly state: "approved" | "refused" | "dismissed" | "remark";
  readonly text: string;
  /** The commit that it is about. */
  readonly commit: string;
  /** The commit that it must be about. */
  readonly wanted: string;
  /** When it was said; undefined where that is not told. */
  readonly at?: Date | undefined;
  /** The text was changed after it was sent. Asked only where a person who may answer approves and the text holds the question's. */
  readonly edited?: boolean | undefined;
  /** Of a run: how often it was begun. @default 1 */
  readonly attempt?: number;
  /** Of a run: its gate requires reviews. @default true */
  readonly guarded?: boolean;
}

/** What is asked. */
export interface ReviewQuestion {
  /** `owner/name`. */
  readonly repository: string;
  /** The commit that is carried out, in full. */
  readonly commit: string;
  /** The commit that its changes are counted from, in full. */
  readonly base: string;
  /** Mail addresses of those who wrote it. */
  readonly authors: readonly string[];
  /** What a text must hold to concern the asker. */
  readonly text: string;
  /** Ids of the accounts that may answer. */
  readonly accounts: readonly number[];
}

/** What was found. */
export interface Reviewed {
  /** In the order in which they were said, as far as that is known. */
  readonly reviews: readonly Review[];
  /** Ids of the accounts that wrote the change. */
  readonly authors: readonly number[];
  /** Said to people. */
  readonly notes: readonly string[];
}

/** Bounds of the questions, ms. */
export interface ReviewTimes {
  /** For one answer. */
  readonly callMs: number;
  /** For all. */
  readonly totalMs: number;
  /** First pause before another try; doubled each time. */
  readonly pauseMs: number;
}

/** How a vendor tells what people have said. */
export interface Reviews {
  /**
   * All that was said of a commit, and of the vendor's run that this process is part of.
   *
   * @param env with the token, and where the API is if it is elsewhere
   * @throws SitefleetError `approval.unread` when it cannot be told completely
   */
  read(
    question: ReviewQuestion,
    env: Readonly<Record<string, string | undefined>>,
    times?: ReviewTimes,
  ): Promise<Reviewed>;
}
