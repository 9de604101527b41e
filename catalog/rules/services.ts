import type { Draft } from "../build/draft.ts";
import { type Entry, type Place, type Report, show } from "../problem.ts";
import type { Service, Zone } from "../types.ts";
import { buildRules } from "./build.ts";

/** Safe in a shell, in rsync and in a URL; no segment begins with a hyphen. */
const SEGMENT = /^[A-Za-z0-9._][A-Za-z0-9._-]*$/;

/** What services must hold to. */
export function serviceRules(draft: Draft, report: Report): void {
  const host = draft.serviceHost;
  const rootProblem = host ? pathProblem(host.value.root) : undefined;
  if (host && rootProblem) report("service.path", host.at("root"), rootProblem[0], rootProblem[1]);
  for (const entry of draft.services ?? []) {
    checkPaths(entry, rootProblem ? undefined : host?.value.root, report);
    checkZone(entry, draft, report);
    buildRules(entry, report);
  }
  checkUnique(draft.services ?? [], report);
  // A path that is not normalised lies elsewhere than it reads.
  checkNested(
    (draft.services ?? []).filter((entry) => pathProblem(entry.value.path) === undefined),
    report,
  );
}

function checkPaths(entry: Entry<Service>, root: string | undefined, report: Report): void {
  const { path, exclude, artifact } = entry.value;
  const problem = pathProblem(path);
  if (problem) report("service.path", entry.at("path"), problem[0], problem[1]);
  else if (root !== undefined && !path.startsWith(`${root}/`)) {
    report("service.path", entry.at("path"), `${show(path)} is not inside ${show(root)}`, "a directory below root");
  }
  for (const [index, pattern] of exclude.entries()) {
    const wrong = excludeProblem(pattern);
    if (wrong)
      report(
        "service.exclude",
        entry.at("exclude", index),
        `${show(pattern)} ${wrong}`,
        'a pattern such as "*.log" or "sites/default/files"',
      );
  }
  if (artifact.split("/").some((part) => !SEGMENT.test(part) || part === "." || part === "..")) {
    report(
      "service.artifact",
      entry.at("artifact"),
      `${show(artifact)} is not valid`,
      "a relative directory, without . and ..",
    );
  }
}

function pathProblem(path: string): [string, string] | undefined {
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
  return path.length > 1024 ? [`has ${path.length} characters`, "at most 1024"] : undefined;
}

/** rsync reads `- ` and `+ ` and `!` at the beginning of a pattern as commands. */
function excludeProblem(pattern: string): string | undefined {
  if (pattern === "") return "is empty";
  if (/[\p{Cc}\u2028\u2029]/u.test(pattern)) return "has a control character";
  if (/^[-+!;#]/.test(pattern)) return "begins with a sign that means something else to rsync";
  if (!/^[A-Za-z0-9._*?@[\]/ -]+$/.test(pattern)) return "has a character that is not safe in a shell";
  if (pattern.split("/").includes("..")) return 'has ".."';
  return undefined;
}

function checkZone(entry: Entry<Service>, draft: Draft, report: Report): void {
  if (!draft.zones) return;
  const { host, proxied, zone: name } = entry.value;
  const zone = draft.zones.find((candidate) => candidate.value.name === name)?.value;
  if (!zone) {
    const declared = [...(draft.zoneNames ?? [])];
    // A zone that is written but not valid has been reported already.
    if (declared.some((written) => host === written || host.endsWith(`.${written}`))) return;
    report(
      "service.zone",
      entry.at("host"),
      `${show(host)} is in no declared zone`,
      `a host in ${declared.sort().join(", ")}`,
    );
    return;
  }
  if (zone.delegation === "zone") {
    report(
      "service.zone",
      entry.at("host"),
      `${zone.name} is delegated to Vercel`,
      "a host in a zone whose records are at Cloudflare",
    );
  }
  if (proxied) checkCertificate(entry, zone, report);
}

/** Cloudflare's Universal SSL covers the apex and one label below it. */
function checkCertificate(entry: Entry<Service>, zone: Zone, report: Report): void {
  const { host } = entry.value;
  if (!zone.cdn) {
    report(
      "service.certificate",
      entry.at("proxied"),
      `is true, but ${zone.name} has no cdn settings`,
      "proxied: false, or cdn settings in zones.yaml",
    );
  }
  const labels = host.split(".").length - zone.name.split(".").length;
  if (labels > 1 && !zone.cdn?.advancedCertificates) {
    const wrong = `${show(host)} is proxied, ${labels} labels below ${zone.name}: Universal SSL covers one`;
    report(
      "service.certificate",
      entry.at("host"),
      wrong,
      "proxied: false, or advancedCertificates: true in the zone's cdn",
    );
  }
}

function checkUnique(services: readonly Entry<Service>[], report: Report): void {
  const taken = new Map<string, Place>();
  const take = (what: string, value: string | undefined, place: Place) => {
    if (value === undefined) return;
    const first = taken.get(`${what} ${value}`);
    if (first === undefined) taken.set(`${what} ${value}`, place);
    else
      report("service.unique", place, `${what} ${show(value)} is taken in line ${first.line}`, `a ${what} of its own`);
  };
  for (const { value, at } of services) {
    const { database } = value;
    take("key", value.key, at("key"));
    take("path", value.path, at("path"));
    take("database", database && `${database.engine} ${database.location} ${database.name}`, at("database", "name"));
    take("secret", database?.userSecret, at("database", "userSecret"));
    take("secret", database?.passwordSecret, at("database", "passwordSecret"));
  }
}

function checkNested(services: readonly Entry<Service>[], report: Report): void {
  const owners = new Map(services.map((entry) => [entry.value.path, entry]));
  for (const entry of services) {
    const { path, key } = entry.value;
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const owner = owners.get(path.slice(0, end));
      if (!owner || owner === entry) continue;
      const wrong = `${show(path)} of ${key} lies inside ${show(owner.value.path)} of ${owner.value.key} (line ${owner.at("path").line})`;
      report(
        "service.nested",
        entry.at("path"),
        wrong,
        "directories side by side: an upload deletes what it does not know",
      );
    }
  }
}
