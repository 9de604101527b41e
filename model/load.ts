import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SitefleetError } from "../errors/index.ts";
import { buildChecks, defaultChecks } from "./assemble/checks.ts";
import { buildEstate, defaultEstate } from "./assemble/estate.ts";
import { buildFlows } from "./assemble/flows.ts";
import { buildApprovers, buildGates, defaultGates } from "./assemble/gates.ts";
import { buildHosts } from "./assemble/hosts.ts";
import { buildNotify } from "./assemble/notify.ts";
import { buildLimits, buildReleases, buildSecrets } from "./assemble/others.ts";
import { buildPrices } from "./assemble/prices.ts";
import { buildQuality } from "./assemble/quality.ts";
import { buildRollout, defaultRollout } from "./assemble/rollout.ts";
import { buildServices } from "./assemble/services.ts";
import { buildSites } from "./assemble/sites.ts";
import { buildZones } from "./assemble/zones.ts";
import type { DnsVendorFacts } from "./dns-vendors.ts";
import type { Draft, SecretDraft } from "./draft.ts";
import { keptCatalog } from "./kept.ts";
import { findLimit } from "./limits.ts";
import { collector, formatProblem, type Problem, type Report, sortProblems } from "./problem.ts";
import { KnownYaml } from "./read/known-yaml.ts";
import { readText } from "./read/text.ts";
import type { YamlFile } from "./read/yaml.ts";
import { checkRules } from "./rules/index.ts";
import type { Catalog, SecretEntry } from "./types.ts";

/**
 * Reads and checks a catalog. Calls nothing outside the directory.
 *
 * @param dns the vendors that zones can be at. @default any name is taken for one
 * @returns every problem of every file, sorted; the catalog only when there is none
 */
export function checkCatalog(dir: string, dns?: readonly DnsVendorFacts[]): { catalog?: Catalog; problems: Problem[] } {
  return checkAs(dir, dir, dns);
}

/** @param name what it is known by to later commands: of a copy that lies elsewhere, the catalog that it is of */
function checkAs(dir: string, name: string, dns?: readonly DnsVendorFacts[]): ReturnType<typeof checkCatalog> {
  const { report, problems } = collector();
  if (!isDirectory(dir)) {
    report(
      "file.missing",
      { file: dir, line: 1, field: "directory" },
      "is no directory",
      "the directory of a catalog, given with --catalog",
    );
    return { problems };
  }
  const draft = readDraft(dir, report, name);
  checkRules(draft, report, dns);
  if (problems.length > 0) return { problems: sortProblems(problems) };
  const catalog = finish(draft);
  return { ...(catalog ? { catalog } : {}), problems };
}

/**
 * Reads a catalog that must be without problems; where an earlier command has found none in the same files, what that has read.
 *
 * @param dns see {@link checkCatalog}
 * @throws SitefleetError `catalog.invalid` with every problem in `details`
 */
export function loadCatalog(dir: string, dns?: readonly DnsVendorFacts[]): Catalog {
  return keptCatalog(dir, dns, () => {
    const { catalog, problems } = checkCatalog(dir, dns);
    if (catalog) return catalog;
    throw invalidCatalog(dir, problems);
  });
}

/**
 * Reads and checks a catalog of which there are only the texts of its files.
 *
 * @param dir what it says of itself that it was read from
 * @param dns see {@link checkCatalog}
 */
export function checkTexts(
  texts: ReadonlyMap<string, string>,
  dir: string,
  dns?: readonly DnsVendorFacts[],
): ReturnType<typeof checkCatalog> {
  const place = mkdtempSync(join(tmpdir(), "sitefleet-catalog-"));
  try {
    for (const [name, text] of texts) writeFileSync(join(place, name), text);
    const { catalog, problems } = checkAs(place, dir, dns);
    // Where it was read must not show, in what is declared nor in what is wrong.
    const named = problems.map((one) => ({ ...one, file: one.file.replace(`${place}/`, "") }));
    return { ...(catalog ? { catalog: { ...catalog, dir } } : {}), problems: named };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** The error `catalog.invalid` with these problems. */
export function invalidCatalog(dir: string, problems: readonly Problem[]): SitefleetError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new SitefleetError({
    code: "catalog.invalid",
    message: `The catalog has ${count}`,
    subject: dir,
    hint: "Each line says what is allowed; docs/reference/catalog.md explains the rules by the id in brackets.",
    details: problems.map(formatProblem),
  });
}

/** Reads all files of a catalog as far as they can be read. @param name see {@link checkAs}. @default the directory */
export function readDraft(dir: string, report: Report, name = dir): Draft {
  const known = new KnownYaml(name);
  const yaml = (name: string): YamlFile | undefined => {
    const text = readText(dir, name, report);
    return text && known.read(text.file, text.text, report);
  };
  const zonesFile = yaml("zones.yaml");
  const hostsFile = yaml("hosts.yaml");
  const servicesFile = yaml("services.yaml");
  const releasesFile = yaml("releases.yaml");
  const secretsFile = yaml("secrets.yaml");
  const limitsFile = yaml("limits.yaml");
  // These files may be missing: without them everything has a sensible default.
  const checksFile = existsSync(join(dir, "checks.yaml")) ? yaml("checks.yaml") : undefined;
  const checks = checksFile && buildChecks(checksFile, report);
  const rolloutFile = existsSync(join(dir, "rollout.yaml")) ? yaml("rollout.yaml") : undefined;
  const rollout = rolloutFile && buildRollout(rolloutFile, report);
  const pricesFile = existsSync(join(dir, "prices.yaml")) ? yaml("prices.yaml") : undefined;
  const prices = pricesFile && buildPrices(pricesFile, report);
  const notifyFile = existsSync(join(dir, "notify.yaml")) ? yaml("notify.yaml") : undefined;
  const optional = (name: string) => (existsSync(join(dir, name)) ? yaml(name) : undefined);
  const flowsFile = optional("flows.yaml");
  const gatesFile = optional("gates.yaml");
  const approversFile = optional("approvers.yaml");
  const qualityFile = optional("quality.yaml");
  const gates = gatesFile && buildGates(gatesFile, report);
  const approvers = approversFile && buildApprovers(approversFile, report);
  const estateFile = optional("estate.yaml");
  known.keep();
  const estate = (estateFile && buildEstate(estateFile, report)?.value) ?? defaultEstate();
  const sitesFile = readText(dir, "sites.csv", report);
  const zones = zonesFile && buildZones(zonesFile, report);
  const sites = sitesFile && buildSites(sitesFile.file, sitesFile.text, estate.cells, report, name);
  const hosts = hostsFile && buildHosts(hostsFile, report);
  const server = hosts?.hosts[0]?.value.key ?? "";
  const zoneValues = (zones?.zones ?? []).map((entry) => entry.value);
  return {
    dir,
    estate,
    servicesComplete: false,
    ...zones,
    ...sites,
    ...hosts,
    ...(servicesFile && buildServices(servicesFile, zoneValues, server, report)),
    ...(releasesFile && buildReleases(releasesFile, report)),
    ...(secretsFile && buildSecrets(secretsFile, report)),
    ...(limitsFile && buildLimits(limitsFile, report)),
    ...(checks && { checks }),
    ...(rollout && { rollout }),
    prices,
    flows: flowsFile && buildFlows(flowsFile, report),
    notify: notifyFile && buildNotify(notifyFile, report),
    quality: qualityFile && buildQuality(qualityFile, report),
    ...(gates && { gates }),
    ...(approvers && { approvers }),
  };
}

/** Puts the draft of a catalog without problems into its final form. */
export function finish(draft: Draft): Catalog | undefined {
  const { zones, sites, hosts, services, releases, secrets, github, limits, rotation } = draft;
  if (!zones || !sites || !hosts || !services || !releases || !secrets || !github || !limits) return undefined;
  const owners = new Map<string, NonNullable<SecretEntry["database"]>>();
  for (const { value } of services) {
    if (!value.database) continue;
    owners.set(value.database.userSecret, { service: value.key, part: "user" });
    owners.set(value.database.passwordSecret, { service: value.key, part: "password" });
  }
  const most = findLimit(
    limits.map((entry) => entry.value),
    "plesk.ssh-sessions",
  )?.amount as number;
  return {
    dir: draft.dir,
    ...draft.estate,
    zones: zones.map((entry) => entry.value),
    sites: sites.map((entry) => entry.value),
    hosts: hosts.map(({ value }) => ({ ...value, parallel: value.parallel ?? most })),
    services: services.map((entry) => entry.value),
    releases: Object.fromEntries(releases.map(({ value }) => [value.channel, value.release])),
    secrets: { github, entries: secrets.map(({ value }) => finishSecret(value, owners.get(value.name))), rotation },
    limits: limits.map((entry) => entry.value),
    checks: draft.checks?.value ?? defaultChecks(),
    rollout: draft.rollout?.value ?? defaultRollout(),
    prices: draft.prices?.value,
    gates: draft.gates?.value ?? defaultGates(),
    quality: draft.quality?.value,
    approvers: draft.approvers?.value.approvers,
  };
}

/** Bytes of a random value when the catalog gives none. */
const BYTES = 32;

/** A secret in its final form. */
export function finishSecret(
  { name, source, bytes, value, maxAgeDays, rotation }: SecretDraft,
  database: SecretEntry["database"],
): SecretEntry {
  const random = source === "generated" || database?.part === "password";
  return {
    name,
    source,
    ...(random ? { bytes: bytes ?? BYTES } : {}),
    ...(value === undefined ? {} : { value: String(value) }),
    ...(source === "database" && database ? { database } : {}),
    ...(maxAgeDays === undefined ? {} : { maxAgeDays }),
    ...(rotation === undefined ? {} : { rotation }),
  };
}

/** Whether a path is one. */
export function isDirectory(dir: string): boolean {
  return statSync(dir, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
