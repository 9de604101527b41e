import { defaultChecks } from "./assemble/checks.ts";
import { defaultEstate } from "./assemble/estate.ts";
import { defaultGates } from "./assemble/gates.ts";
import { defaultRollout } from "./assemble/rollout.ts";
import { listField } from "./assemble/salvage.ts";
import { findLimit } from "./limits.ts";
import { checkCatalog, finish, finishSecret, isDirectory, readDraft } from "./load.ts";
import { collector, type Entry, type Problem, sortProblems } from "./problem.ts";
import { readText } from "./read/text.ts";
import { readYaml } from "./read/yaml.ts";
import { checkRules } from "./rules/index.ts";
import type { Catalog } from "./types.ts";

/** Services that could be read of a catalog that need not be without problems. */
export interface ReadableServices {
  /** Hosts and services in which nothing is wrong; whatever else the catalog holds may be missing. */
  readonly catalog: Catalog;
  /** Everything that is wrong, anywhere in the catalog. */
  readonly problems: readonly Problem[];
  /** Keys of the services that are left out. */
  readonly left: readonly string[];
}

/** SSH sessions at a time on a host when nothing can be read of the limits: the fewest. */
const FEWEST_SESSIONS = 1;

/**
 * Reads the services with their hosts, for what has to work in an emergency: looking at what is live, and going back. A problem in another
 * file, or with another service, is only told.
 */
export function readServices(dir: string): ReadableServices {
  const { report, problems } = collector();
  const draft = isDirectory(dir) ? readDraft(dir, report) : undefined;
  if (draft === undefined) return { catalog: emptyCatalog(dir), problems: checkCatalog(dir).problems, left: [] };
  checkRules(draft, report);
  const whole = problems.length === 0 ? finish(draft) : undefined;
  if (whole !== undefined) return { catalog: whole, problems, left: [] };
  const isRight = (entry: Entry<unknown>): boolean => {
    const { file, field } = entry.at();
    const inside = (other: string) => other === field || other.startsWith(`${field}.`) || other.startsWith(`${field}[`);
    return !problems.some((problem) => problem.file === file && inside(problem.field));
  };
  const hosts = (draft.hosts ?? []).filter(isRight);
  const known = new Set(hosts.map(({ value }) => value.key));
  const services = (draft.services ?? []).filter((entry) => isRight(entry) && known.has(entry.value.server));
  const there = new Set(services.map(({ value }) => value.key));
  const left = writtenKeys(dir).filter((key) => !there.has(key));
  const { zones = [], secrets = [], github = { repository: "", environment: "" }, limits = [] } = draft;
  const most = findLimit(
    limits.map(({ value }) => value),
    "plesk.ssh-sessions",
  )?.amount;
  const parallel = Number(most ?? FEWEST_SESSIONS);
  return {
    catalog: {
      ...emptyCatalog(dir),
      zones: zones.map(({ value }) => value),
      hosts: hosts.map(({ value }) => ({ ...value, parallel: value.parallel ?? parallel })),
      services: services.map(({ value }) => value),
      secrets: { github, entries: secrets.map(({ value }) => finishSecret(value, undefined)) },
    },
    problems: sortProblems(problems),
    left,
  };
}

/** Keys as services.yaml has them, of services that cannot be read as well. */
function writtenKeys(dir: string): string[] {
  const { report } = collector();
  const text = readText(dir, "services.yaml", report);
  const list = text && listField(readYaml(text.file, text.text, report)?.value, "services");
  return (list ?? []).map((raw, index) => {
    const key = typeof raw === "object" && raw !== null && "key" in raw ? raw.key : undefined;
    return typeof key === "string" ? key : `services[${index}]`;
  });
}

/** A catalog that declares nothing: stands for one that cannot be read, where what does not depend on it goes on. */
export function emptyCatalog(dir: string): Catalog {
  const secrets = { github: { repository: "", environment: "" }, entries: [] };
  const nothing = { zones: [], sites: [], hosts: [], services: [], releases: {}, limits: [] };
  return {
    dir,
    ...defaultEstate(),
    ...nothing,
    secrets,
    checks: defaultChecks(),
    rollout: defaultRollout(),
    gates: defaultGates(),
  };
}
