import { type Entry, type Report, show } from "../problem.ts";
import type { Service } from "../service-types.ts";

/** Variables that every step gets with a value of the build's own. */
const SET_BY_BUILD = ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ", "SOURCE_DATE_EPOCH"];

/** https, ssh and file, or `user@host:path`; the transports of git that run commands are left out. */
const GIT_URL =
  /^(?:(?:https|ssh|file):\/\/[A-Za-z0-9._~:@/[\]-]+|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:(?!\/\/)[A-Za-z0-9._~/-]+)$/;

/** What a service's build must hold to, beyond the form of its fields. */
export function buildRules(entry: Entry<Service>, report: Report): void {
  const { build } = entry.value;
  if (build === undefined) return;
  const { git, ref } = build;
  const at = (...path: (string | number)[]) => entry.at("build", ...path);
  if (git !== undefined && !GIT_URL.test(git)) {
    report(
      "service.build",
      at("git"),
      "is no address that git may be given",
      "https://, ssh://, file:// or user@host:path",
    );
  } else if (git !== undefined && /^https:\/\/[^/]*@/.test(git)) {
    report(
      "service.build",
      at("git"),
      "holds a user or password",
      "an address without; credentials belong to git's helper",
    );
  }
  if (git !== undefined && ref === undefined) {
    report("service.build", at("git"), "has no ref", "ref: the full commit id to build");
  }
  const names: [readonly string[], (string | number)[]][] = [
    [build.env, ["env"]],
    ...(build.steps ?? []).map((step, index): [readonly string[], (string | number)[]] => [
      step.env,
      ["steps", index, "env"],
    ]),
  ];
  for (const [list, path] of names) {
    for (const [index, name] of list.entries()) {
      if (!SET_BY_BUILD.includes(name)) continue;
      report("service.build", at(...path, index), `${show(name)} is set by the build itself`, "another variable");
    }
  }
}
