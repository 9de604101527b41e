/** What the scripts mean by the word that they fail with, for people; see `fail` in `plesk/commands/script.ts`. */
export const WORDS: Readonly<Record<string, string>> = {
  "lock-lost": "another run has taken the lock by now",
  "no-release": "the release is not on the host",
  "not-staged": "the upload is not where it was, or the release is there already",
  "not-removed": "a release that is not whole could not be moved aside: its directory belongs to another account",
  "reset-not-placed": "the release's web root cannot be written to",
  "original-exists":
    "the document root is a directory once more, and there is a release `original` already; see `sitefleet plesk status`",
  "missing-program": "the program is not on the host",
  "step-failed": "the step's program failed",
  current: "`current` is not a link; see `sitefleet plesk status`",
  docroot: "the document root is neither a directory nor a link; see `sitefleet plesk status`",
  live: "the release that would be replaced is live",
  decided: "the release was decided to stay before",
  "account-unreachable": "the database does not answer, or in a way that tells neither yes nor no",
  "account-statement": "the database refused the change of the account; nothing of it was changed",
  "account-refuses": "the database refuses a password that it was told to accept",
  "account-accepts": "the database still accepts a password that it was told to refuse",
  undecided: "the release was not decided to stay",
};
