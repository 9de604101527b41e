import { plainLine } from "../../errors/plain.ts";
import { type ChangeSet, renderMarkdown } from "../../fleet/change-set/index.ts";
import type { PlanDocument } from "../fleet/plan-document.ts";
import { formatSeconds } from "../kit/duration.ts";

/** Begins every comment of ours on a pull request. */
export const MARK = "<!-- sitefleet preview";
const STALE = "<!-- stale -->";
const FRESH = "<!-- /stale -->";
/** Longest line of the head, characters: with it and the change set a comment stays below GitHub's 65,536. */
const LINE = 400;

const short = (commit: string): string => commit.slice(0, 7);

/** What a comment is made of. */
export interface CommentParts {
  /** Commit that was previewed. */
  readonly head: string;
  /** Undefined: the preview came to none. */
  readonly set: ChangeSet | undefined;
  /** How long it would take. @default not said */
  readonly plan?: Pick<PlanDocument, "seconds" | "strategy" | "limits"> | undefined;
  /** Where all of it can be fetched. @default the files' names */
  readonly link?: string | undefined;
}

/** The comment, its mark first. Pure. */
export function commentText({ head, set, plan, link }: CommentParts): string {
  const mark = `${MARK} head=${head} -->\n`;
  const where = link === undefined ? "" : ` (${plainLink(link)})`;
  if (set === undefined)
    return `${mark}**The preview of \`${short(head)}\` came to no result**${where}. What it said is in the run; a push or a new run previews again.\n`;
  const lines = [
    `What \`${short(head)}\` would do, as of ${set.createdAt.slice(0, 16).replace("T", " ")} UTC. Services on hosts are not in it: they have a workflow of their own.`,
    ...(set.complete ? [] : ["**The preview is not complete.**"]),
    ...(plan === undefined || set.changes.length === 0 ? [] : [takes(plan)]),
  ];
  return `${mark}${lines.join("\n\n")}\n\n${renderMarkdown(set, { full: link ?? "changes.html" })}`;
}

/** How long it takes, which limit binds, and which way it goes. */
function takes({ seconds, strategy, limits }: NonNullable<CommentParts["plan"]>): string {
  const binding = limits.find(({ binds }) => binds !== undefined);
  const by = binding === undefined ? "" : `; ${plainLine(binding.what, 100)} at ${plainLine(binding.vendor, 40)} binds`;
  return `It takes about ${formatSeconds(seconds)}${by}. ${plainLine(strategy.reason, LINE)}.`;
}

const plainLink = (link: string): string =>
  /^https:\/\/[^\s<>()`]{1,500}$/.test(link) ? `<${link}>` : `\`${plainLine(link, 200).replaceAll("`", "")}\``;

/**
 * A comment that is not what its pull request would do any more, with the reason before it. Pure.
 *
 * @param why one sentence
 */
export function markStale(before: string, why: string): string {
  const [mark = "", ...rest] = before.split("\n");
  const text = rest.join("\n");
  const body = text.startsWith(STALE) ? text.slice(text.indexOf(FRESH) + FRESH.length).replace(/^\n+/, "") : text;
  return `${mark}\n${STALE}\n> [!CAUTION]\n> **Out of date.** ${plainLine(why, LINE)}\n${FRESH}\n\n${body}`;
}

/** The commit that a comment is about; undefined for a text of another form. Pure. */
export const headOf = (text: string): string | undefined =>
  /^<!-- sitefleet preview head=([0-9a-f]{40}) -->/.exec(text)?.[1];

/** Which text is to be there. */
export interface NextComment extends CommentParts {
  /** Say only that what is there is out of date. */
  readonly stale: boolean;
  /** The text that is there. */
  readonly before: string | undefined;
  /** Newest commit of the pull request, where it is known. */
  readonly newest: string | undefined;
}

/**
 * What is written; undefined: nothing. A comment about the newest commit is never taken back by the run of an older one, and one
 * without a result keeps what was found before. Pure.
 */
export function nextComment({ stale, before, newest, ...parts }: NextComment): string | undefined {
  const { head, set } = parts;
  const told = before === undefined ? undefined : headOf(before);
  const late = newest !== undefined && newest !== head;
  if (late && told === newest) return undefined;
  if (stale) {
    if (before === undefined || told === head) return undefined;
    return markStale(
      before,
      `${short(newest ?? head)} is being previewed; below is what ${short(told ?? "")} would do.`,
    );
  }
  if (set === undefined && before !== undefined && told !== undefined && told !== head)
    return markStale(before, `the preview of ${short(head)} came to no result; below is what ${short(told)} would do.`);
  const text = commentText(parts);
  return late ? markStale(text, `${short(newest)} was pushed since; below is what ${short(head)} would do.`) : text;
}
