/** Exit codes of `node plesk/main.ts`; documented in docs/reference/services.md. */
export const EXIT = {
  /** Done, also when there was nothing to do. */
  done: 0,
  /** A defect of the driver. */
  defect: 1,
  /** The command line or the document on stdin is invalid; nothing was called. */
  input: 2,
  /** The artifact is missing, hostile, or not the one that was reviewed; nothing was called. */
  artifact: 10,
  /** The host could not be reached, its key did not match, or it refused the login. */
  connection: 11,
  /** Another run holds the service's lock. */
  locked: 12,
  /** The host cannot do what the service needs. */
  unfit: 13,
  /** The upload failed or what arrived is not the artifact. */
  upload: 14,
  /** A safeguard refused: too many deletions, a protected path, a release known to be bad. */
  refused: 15,
  /** A command on the host failed. */
  remote: 16,
  /** The new release was not healthy; the previous one serves again. */
  unhealthy: 17,
  /** Something failed and putting back failed too: a person has to look. */
  stuck: 18,
  /** A step ran into its time-out. */
  timeout: 124,
  /** Ended by SIGINT or SIGTERM. */
  interrupted: 130,
} as const;
