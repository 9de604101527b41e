/** A step of a job: docs.github.com, workflow syntax. */
export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
  readonly "continue-on-error"?: boolean;
}

/** Rights of a job's own token. */
type Permissions = Readonly<Record<string, "read" | "write">>;

/** A job. Each names its rights and its limit: the defaults are all rights and six hours. */
export interface Job {
  readonly name?: string;
  readonly needs?: readonly string[];
  readonly if?: string;
  readonly environment?: string;
  readonly permissions: Permissions;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly strategy?: Readonly<Record<string, unknown>>;
  readonly "timeout-minutes": number;
  readonly steps: readonly Step[];
}

/** A workflow of GitHub's, without what all have. */
export interface Workflow {
  /** File name below `.github/workflows/`, without its ending. */
  readonly name: string;
  /** What it does, one line each, for the head of the file. */
  readonly about: readonly string[];
  readonly on: Readonly<Record<string, unknown>>;
  readonly concurrency: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
}
