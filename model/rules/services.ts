import type { Draft } from "../draft.ts";
import { type Entry, type Report, show } from "../problem.ts";
import type { Service } from "../service-types.ts";
import { allSharedPaths, EXCLUDES_MAX, PATH_MAX, sharedPathProblem } from "../shape/shared-paths.ts";
import type { Zone } from "../types.ts";
import { checkNested, checkUnique } from "./apart.ts";
import { buildRules } from "./build.ts";
import { orderRules } from "./order.ts";
import { pathProblem, relativeProblem } from "./paths.ts";

/** What services must hold to. */
export function serviceRules(draft: Draft, report: Report): void {
  for (const entry of draft.services ?? []) {
    checkPaths(entry, rootOf(entry, draft, report), report);
    checkSteps(entry, report);
    checkZone(entry, draft, report);
    buildRules(entry, report);
  }
  orderRules(draft, report);
  checkUnique(draft.services ?? [], report);
  // A path that is not normalised lies elsewhere than it reads.
  checkNested(
    (draft.services ?? []).filter((entry) => pathProblem(entry.value.path) === undefined),
    report,
  );
}

/** Root of a service's host; undefined when there is none to compare with, which is reported where it is new. */
function rootOf(entry: Entry<Service>, draft: Draft, report: Report): string | undefined {
  const { server } = entry.value;
  const host = draft.hosts?.find(({ value }) => value.key === server)?.value;
  if (host) return pathProblem(host.root) ? undefined : host.root;
  const declared = [...(draft.hostKeys ?? [])];
  // A host that is written but not valid has been reported already, and so has a file that cannot be read.
  if (server !== "" && draft.hosts && !declared.includes(server)) {
    const wrong = `${show(server)} is not declared`;
    report("service.server", entry.at("server"), wrong, `one of ${declared.sort().join(", ")}, see hosts.yaml`);
  }
  return undefined;
}

function checkPaths(entry: Entry<Service>, root: string | undefined, report: Report): void {
  const { path, exclude, artifact, webRoot, shared, kind } = entry.value;
  const problem = pathProblem(path);
  if (problem) report("service.path", entry.at("path"), problem[0], problem[1]);
  else if (root !== undefined && !path.startsWith(`${root}/`)) {
    report("service.path", entry.at("path"), `${show(path)} is not inside ${show(root)}`, "a directory below root");
  }
  // The kind's own paths are shared as well: one of them in a path of the service's is as wrong as the other way round.
  const all = allSharedPaths(kind, webRoot ?? "", shared);
  for (const name of all) {
    const index = shared.indexOf(name);
    const wrong = index < 0 ? undefined : relativeProblem(name);
    const allowed = 'a path inside the artifact such as "uploads/"';
    const problem = wrong ? { wrong, allowed } : sharedPathProblem(name, webRoot ?? "", all);
    const place = index < 0 ? entry.at("shared") : entry.at("shared", index);
    if (problem) report("service.shared", place, `${show(name)} ${problem.wrong}`, problem.allowed);
  }
  if (webRoot !== undefined && webRoot !== "" && (webRoot.endsWith("/") || relativeProblem(webRoot))) {
    const allowed = 'a directory inside the artifact such as "public"';
    report("service.artifact", entry.at("webRoot"), `${show(webRoot)} is not valid`, allowed);
  }
  if (exclude.length > EXCLUDES_MAX)
    report("service.exclude", entry.at("exclude"), `has ${exclude.length} patterns`, `at most ${EXCLUDES_MAX}`);
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
  if (artifact.endsWith("/") || relativeProblem(artifact)) {
    report(
      "service.artifact",
      entry.at("artifact"),
      `${show(artifact)} is not valid`,
      "a relative directory, without . and ..",
    );
  }
}

/** What a step brings about must be declared. */
function checkSteps(entry: Entry<Service>, report: Report): void {
  const { commands, database } = entry.value;
  const names = new Set<string>();
  for (const [index, { name, migrates, when }] of commands.entries()) {
    const place = (field: string) => entry.at("commands", index, field);
    if (names.has(name)) report("service.commands", place("name"), `${show(name)} stands twice`, "a name of its own");
    names.add(name);
    if (when !== undefined && relativeProblem(when)) {
      report(
        "service.commands",
        place("when"),
        `${show(when)} is not valid`,
        'a path inside the artifact such as "bin/warm"',
      );
    }
    if (migrates && database === undefined) {
      const wrong = "is true, but the service has no database";
      report("service.commands", place("migrates"), wrong, "a database, or no migration");
    }
  }
}

/** rsync reads `- ` and `+ ` and `!` at the beginning of a pattern as commands. */
function excludeProblem(pattern: string): string | undefined {
  if (pattern === "") return "is empty";
  if (pattern.length > PATH_MAX) return `has ${pattern.length} characters, more than ${PATH_MAX}`;
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
