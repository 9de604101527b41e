import { z } from "zod";

/** Text of a given form; `allowed` is the second half of the message. */
export function text(pattern: RegExp, allowed: string) {
  return z.string().regex(pattern, { error: allowed });
}

/** `owner/name` of a GitHub repository, by GitHub's own rules for both parts. */
export const Repository = text(
  /^(?!-)(?!.*--)[A-Za-z0-9-]{1,39}(?<!-)\/(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}$/,
  'a GitHub repository as "owner/name"',
).meta({ description: "GitHub repository as owner/name.", examples: ["acme/landing"] });

/** A directory inside a repository; empty = its root. */
export const RootDirectory = text(
  /^$|^[A-Za-z0-9_@.-]+(\/[A-Za-z0-9_@.-]+)*$/,
  'a relative directory such as "apps/quiz", empty for the root of the repository',
)
  .refine((value) => !value.split("/").some((part) => part === "." || part === ".." || part.startsWith("-")), {
    error: 'a relative directory without ".", ".." or a leading hyphen',
  })
  .meta({ description: "Directory inside the repository; empty = its root.", examples: ["apps/quiz", ""] });

/** Name of a release channel. */
export const Channel = text(
  /^[a-z][a-z0-9-]{0,31}$/,
  "lower case letters, digits and hyphens, at most 32, a letter first",
).meta({
  description: "Release channel, declared in releases.yaml.",
  examples: ["stable"],
});

/** What a commit id must be. */
export const COMMIT_ALLOWED =
  "a full commit id of 40 hex digits in quotes: a branch or tag would never be deployed again once it moves";

/** A commit id. */
export const Commit = text(/^[0-9a-f]{40}$/, COMMIT_ALLOWED).meta({
  description: "Full commit id. Branches and tags are refused: they never deploy again.",
  examples: ["9fceb02d0ae598e95dc970b74767f19372d61af8"],
});

/** One line of text for people. */
export const Words = text(/^[^\p{Cc}\u2028\u2029]{1,300}$/u, "one line of at most 300 characters");

/** When and how surely a figure of a vendor was read. */
export const read = {
  checked: text(/^20\d\d-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$/, "YYYY-MM or YYYY-MM-DD").meta({
    description: "When it was read.",
  }),
  confidence: z
    .enum(["H", "M", "?"])
    .meta({ description: "H = the vendor's own text, M = second-hand or partial, ? = sources disagree." }),
  note: Words.optional().meta({ description: "What else there is to know." }),
};
