import { show } from "../problem.ts";
import { PATH_MAX } from "../shape/shared-paths.ts";

/** Safe in a shell, in rsync and in a URL; no segment begins with a hyphen. */
const SEGMENT = /^[A-Za-z0-9._][A-Za-z0-9._-]*$/;

/** What is wrong with an absolute path on a host, and what would be right; undefined when nothing is. */
export function pathProblem(path: string): [string, string] | undefined {
  if (!path.startsWith("/")) return [`${show(path)} is not absolute`, "a path that begins with /"];
  const parts = path.slice(1).split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    return [`${show(path)} is not normalised`, "a path without //, ., .. or / at the end"];
  }
  if (parts.some((part) => !SEGMENT.test(part))) {
    return [
      `${show(path)} has a part that is not safe in a shell`,
      "letters, digits, dots, underscores and inner hyphens",
    ];
  }
  return path.length > PATH_MAX ? [`has ${path.length} characters`, `at most ${PATH_MAX}`] : undefined;
}

/** What is wrong with a path relative to an artifact; undefined when nothing is. A closing slash marks a directory. */
export function relativeProblem(path: string): string | undefined {
  if (path.length > PATH_MAX) return `has ${path.length} characters, more than ${PATH_MAX}`;
  const parts = path.replace(/\/$/, "").split("/");
  return parts.every((part) => SEGMENT.test(part) && part !== "." && part !== "..") ? undefined : "is not valid";
}
