/** An open alert. */
export interface Alert {
  readonly rule: string;
  /** `critical`, `high`, `medium`, `low`; `error`, `warning`, `note` where no severity of security is given. */
  readonly severity: string;
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly url?: string | undefined;
}

/** Alerts that a vendor raises of a repository. All of these throw SitefleetError `quality.unread`. */
export interface Alerts {
  /** Open alerts of dependencies of severity high and critical. @param repository `owner/name` */
  dependencies(
    repository: string,
    env: Readonly<Record<string, string | undefined>>,
    signal: AbortSignal,
  ): Promise<readonly Alert[]>;
  /** Open alerts of analyses of its code, of every severity. @throws as well when none was ever uploaded */
  code(
    repository: string,
    env: Readonly<Record<string, string | undefined>>,
    signal: AbortSignal,
  ): Promise<readonly Alert[]>;
}

/** How a vendor grades a repository's code. */
export interface Grades {
  /** Of 100. @throws SitefleetError `quality.unread` */
  grade(repository: string, env: Readonly<Record<string, string | undefined>>, signal: AbortSignal): Promise<number>;
}
