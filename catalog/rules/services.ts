import type { Draft } from "../draft.ts";
import { type Entry, type Place, type Report, show } from "../problem.ts";
import { sharedPathProblem } from "../shape/shared-paths.ts";
import type { Database, Service, Zone } from "../types.ts";
import { buildRules } from "./build.ts";
import { pathProblem, relativeProblem } from "./paths.ts";

/** What services must hold to. */
export function serviceRules(draft: Draft, report: Report): void {
  for (const entry of draft.services ?? []) {
    checkPaths(entry, rootOf(entry, draft, report), report);
    checkSteps(entry, report);
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
  const { path, exclude, artifact, webRoot, shared } = entry.value;
  const problem = pathProblem(path);
  if (problem) report("service.path", entry.at("path"), problem[0], problem[1]);
  else if (root !== undefined && !path.startsWith(`${root}/`)) {
    report("service.path", entry.at("path"), `${show(path)} is not inside ${show(root)}`, "a directory below root");
  }
  for (const [index, name] of shared.entries()) {
    const wrong = relativeProblem(name);
    const allowed = 'a path inside the artifact such as "uploads/"';
    const problem = wrong ? { wrong, allowed } : sharedPathProblem(name, webRoot ?? "", shared);
    if (problem) report("service.shared", entry.at("shared", index), `${show(name)} ${problem.wrong}`, problem.allowed);
  }
  if (webRoot !== undefined && webRoot !== "" && (webRoot.endsWith("/") || relativeProblem(webRoot))) {
    const allowed = 'a directory inside the artifact such as "public"';
    report("service.artifact", entry.at("webRoot"), `${show(webRoot)} is not valid`, allowed);
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
  for (const [index, { name, migrates }] of commands.entries()) {
    const place = (field: string) => entry.at("commands", index, field);
    if (names.has(name)) report("service.commands", place("name"), `${show(name)} stands twice`, "a name of its own");
    names.add(name);
    if (migrates && database === undefined) {
      const wrong = "is true, but the service has no database";
      report("service.commands", place("migrates"), wrong, "a database, or no migration");
    }
  }
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
  // Where an external server is stands in the configuration: it may be the host's own.
  const elsewhere = new Map<string, Place>();
  const apart = (database: Database, name: string, place: Place): boolean => {
    const other = database.location === "plesk" ? "external" : "plesk";
    const first = elsewhere.get(`${other} ${database.engine} ${name}`);
    if (first) {
      const wrong = `database ${show(name)} is taken in line ${first.line} with location ${other}, which may be the same server`;
      report("service.unique", place, wrong, "a name of its own");
    }
    const own = `${database.location} ${database.engine} ${name}`;
    if (!elsewhere.has(own)) elsewhere.set(own, place);
    return first === undefined;
  };
  for (const { value, at } of services) {
    const { database } = value;
    // The scratch database's name follows from the other's where it is not given: one problem is enough.
    if (database && apart(database, database.name, at("database", "name")) && database.scratch)
      apart(database, database.scratch, at("database", "scratch"));
    take("key", value.key, at("key"));
    take("path", `${value.server}:${value.path}`, at("path"));
    const server = database?.location === "plesk" ? value.server : "external";
    take("database", database && `${database.engine} ${server} ${database.name}`, at("database", "name"));
    take(
      "database",
      database?.scratch ? `${database.engine} ${server} ${database.scratch}` : undefined,
      at("database", "scratch"),
    );
    take("secret", database?.userSecret, at("database", "userSecret"));
    take("secret", database?.passwordSecret, at("database", "passwordSecret"));
  }
}

function checkNested(services: readonly Entry<Service>[], report: Report): void {
  const owners = new Map(services.map((entry) => [`${entry.value.server}:${entry.value.path}`, entry]));
  for (const entry of services) {
    const { path, key } = entry.value;
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const owner = owners.get(`${entry.value.server}:${path.slice(0, end)}`);
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
