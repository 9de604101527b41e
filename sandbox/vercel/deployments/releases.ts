import { createHash } from "node:crypto";
import type { Behaviour, ReleaseRule } from "../behaviour.ts";

/** What a release rule looks at. */
interface ReleaseFacts {
  readonly id: string;
  readonly commit: string;
  readonly projectId: string;
  readonly projectName: string;
}

/** The first rule with a `part` (`build` or `serve`) that fits. */
export function releaseRule<P extends "build" | "serve">(
  behaviour: Behaviour,
  part: P,
  facts: ReleaseFacts,
): NonNullable<ReleaseRule[P]> | undefined {
  for (const rule of behaviour.releases) {
    const action = rule[part];
    if (action !== undefined && fits(rule.match, facts)) return action;
  }
  return undefined;
}

function fits(match: ReleaseRule["match"], facts: ReleaseFacts): boolean {
  if (match.commit !== undefined && !facts.commit.startsWith(match.commit)) return false;
  if (match.project !== undefined && match.project !== facts.projectId && match.project !== facts.projectName)
    return false;
  if (match.deployment !== undefined && match.deployment !== facts.id) return false;
  return match.probability >= 1 || share(facts.id) < match.probability;
}

/** 0 to 1, the same for the same id. */
function share(id: string): number {
  return createHash("sha256").update(id).digest().readUInt32BE(0) / 2 ** 32;
}
