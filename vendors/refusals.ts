/** A vendor's refusal, as far as its provider says it. */
export interface Refusal {
  /** HTTP status. */
  readonly status?: number;
  /** The vendor's own code. */
  readonly code?: string;
  /** Trying again cannot help: the token, its rights, or something that another account holds. */
  readonly permanent: boolean;
}

/** Where a provider writes the vendor's answer into its errors. Nothing else of the text is looked at. */
export interface Refusals {
  /** Finds the status. */
  readonly status: RegExp;
  /** Finds the vendor's own code. @default there is none */
  readonly code?: RegExp;
  /** An error that is a wait, whatever its status. @default none */
  readonly wait?: RegExp;
  /** Codes for what asking again cannot help, beside the statuses 401 and 403. @default none */
  readonly permanent?: readonly string[];
}

/** The token or its rights will not do, however often a call is repeated. */
const PERMANENT_STATUS = new Set([401, 403]);

/** What an error says of the vendor's answer; undefined when it names none. Pure. */
export function readRefusal({ status, code, wait, permanent = [] }: Refusals, message: string): Refusal | undefined {
  const said = status.exec(message)?.[1];
  const own = code?.exec(message)?.[1];
  if (wait?.test(message) || (said === undefined && own === undefined)) return undefined;
  return {
    status: said === undefined ? undefined : Number(said),
    code: own,
    permanent: PERMANENT_STATUS.has(Number(said)) || (own !== undefined && permanent.includes(own)),
  };
}
