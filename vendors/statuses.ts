/** How a run stands, as it is shown beside a commit. */
export type Standing = "running" | "waiting" | "done" | "failed";

/** What was done about one thing that is shown. */
export interface Shown {
  /** `unchanged`: it stood there like that already. */
  readonly did: "made" | "changed" | "unchanged";
  /** Its number or id at the vendor. */
  readonly handle: string;
  /** Where people find it; undefined where the vendor does not say. */
  readonly url?: string | undefined;
}

/** An issue that is kept up to date. */
export interface TrackedIssue {
  /** Names it among all with its label: it stands in its text, where people do not see it. */
  readonly mark: string;
  readonly title: string;
  /** Markdown, without the mark. */
  readonly body: string;
  readonly label: string;
  /** It is closed, unless it is already. What a person has closed is never opened again. */
  readonly over: boolean;
}

/**
 * Shows a run beside the commit that it carries out. Each of these looks first, so that the same thing done again, by whatever
 * process, makes nothing twice.
 *
 * @throws SitefleetError `report.unpublished`
 */
export interface StatusBoard {
  /** The line beside a commit. @param context names it among the commit's lines */
  status(commit: string, context: string, standing: Standing, text: string): Promise<Shown>;
  /** The deployment of a run. @param known its handle, where it was made before */
  deployment(
    commit: string,
    run: string,
    about: { readonly environment: string; readonly standing: Standing; readonly text: string },
    known?: string,
  ): Promise<Shown>;
  /** @throws as well when the tag is at another commit */
  tag(commit: string, name: string): Promise<Shown>;
  /** @param known its handle, where it was made before */
  issue(issue: TrackedIssue, known?: string): Promise<Shown>;
}

/** How a vendor shows runs beside commits. */
export interface Statuses {
  /** Longest text of a line or deployment, characters. */
  readonly longest: number;
  /** @param repository `owner/name` @param env where the API is */
  open(repository: string, token: string, env: Readonly<Record<string, string | undefined>>): StatusBoard;
}
