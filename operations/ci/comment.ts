import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { readChangeSet } from "../../fleet/change-set/index.ts";
import { VENDORS } from "../../vendors/index.ts";
import { type PlanDocument, planDocument } from "../fleet/plan-document.ts";
import { noEvents } from "../kit/events.ts";
import { wholeNumber } from "../kit/fields.ts";
import { flag } from "../kit/flags.ts";
import { defineOperation } from "../kit/operation.ts";
import { MARK, nextComment } from "./comment-text.ts";
import { commitField } from "./tree.ts";

/** What became of the comment, and its text. */
interface Commented {
  readonly done: "made" | "updated" | "unchanged" | "left";
  readonly url: string;
  readonly text: string;
}

/** Keeps one comment on a pull request up to date. */
export const ciComment = defineOperation({
  name: "ci comment",
  summary: "keep one comment on a pull request up to date: what it would do, or that what stands there is out of date",
  changes: true,
  input: z.object({
    pull: flag(z.int().min(1), "--pull <number>", "number of the pull request", wholeNumber("--pull")),
    head: commitField(),
    repository: flag(
      z.string().optional(),
      "--repository <owner/name>",
      "the repository of the pull request (default: GITHUB_REPOSITORY)",
    ),
    changes: flag(
      z.string().optional(),
      "--changes <dir>",
      "the preview's files: changes.json, and plan.json (plan --json) where it is there",
    ),
    stale: flag(z.boolean().optional(), "--stale", "say only that the comment is out of date"),
    link: flag(z.string().optional(), "--link <url>", "where the full change set can be fetched"),
  }),
  events: noEvents,
  output: z.object({
    done: z.enum(["made", "updated", "unchanged", "left"]).describe("left: a newer run's comment stands there"),
    url: z.string(),
    characters: z.int(),
  }),
  async run({
    pull,
    head,
    repository = environment().GITHUB_REPOSITORY,
    changes,
    stale = false,
    link,
  }): Promise<Commented> {
    if (!repository || !/^[A-Za-z0-9][\w.-]*\/(?!\.{1,2}$)[\w.-]+$/.test(repository))
      throw new SitefleetError({
        code: "usage",
        message: "it is not known which repository the pull request is in",
        hint: "--repository OWNER/NAME, or GITHUB_REPOSITORY",
      });
    const keeper = VENDORS.find(({ comments }) => comments !== undefined)?.comments;
    if (keeper === undefined) throw new Error("vendors/index.ts lists no vendor that keeps comments");
    const found = stale || changes === undefined ? {} : previewIn(changes);
    let text = "";
    const kept = await keeper.keep(
      { repository, number: pull, mark: MARK },
      ({ before, head: newest }) => {
        const next = nextComment({ head, link, stale, before, newest, ...found, set: found.set });
        text = next ?? "";
        return next;
      },
      environment(),
    );
    return { ...(kept ?? { done: "left", url: "" }), text };
  },
  document: ({ done, url, text }) => ({ done, url, characters: text.length }),
});

/** What a preview has left behind; it may have come to nothing. @throws SitefleetError `change-set.*` */
function previewIn(dir: string) {
  const file = join(dir, "changes.json");
  return existsSync(file) ? { set: readChangeSet(file), plan: planIn(join(dir, "plan.json")) } : {};
}

/** A plan that cannot be read is not told of. */
function planIn(file: string): PlanDocument | undefined {
  try {
    return planDocument.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}
