import type { GateId, Gates } from "../../model/index.ts";
import { undoAnswer } from "../change-set/losses.ts";
import { gather } from "./gather.ts";
import { shareFindings } from "./shares.ts";
import type { Figure, GateFacts, GateFinding, OpenCheck } from "./types.ts";
import { describeWindow, frozenBy, isOpen, nextOpening } from "./windows.ts";
import { counted, minute, some, whole } from "./words.ts";

type Rule = (gates: Gates, facts: GateFacts) => readonly GateFinding[];

const gone =
  (kind: keyof ReturnType<typeof gather>["gone"], one: string, many: string, what = "would be deleted"): Rule =>
  (_, facts) => {
    const names = gather(facts).gone[kind];
    return names.length === 0
      ? []
      : [{ sentence: `${counted(names.length, one, many)} ${what}: ${some(names)}`, examples: names }];
  };

const firstSites: Rule = ({ rules }, facts) => {
  const { created } = gather(facts);
  const { sites } = rules["first-sites"];
  if (facts.live >= sites || created.length === 0) return [];
  const first = Math.min(created.length, sites - facts.live);
  return [
    {
      sentence: `${counted(first, "new site is", "new sites are")} among the first ${sites} of the estate (${facts.live} live before): ${some(created)}`,
      examples: created,
    },
  ];
};

const newZones: Rule = (_, facts) => {
  const { newZones: zones, zoneRecords } = gather(facts);
  if (zones.length === 0) return [];
  return [
    {
      sentence: `DNS of ${counted(zones.length, "new zone", "new zones")} with ${counted(zoneRecords.length, "record", "records")}: ${some(zones)}`,
      examples: zones,
    },
  ];
};

const manySites: Rule = ({ rules }, facts) => {
  const { touched } = gather(facts);
  const { sites } = rules["many-sites"];
  if (touched.length <= sites) return [];
  return [{ sentence: `${touched.length} sites change in one run, more than ${sites}`, examples: touched }];
};

const badRelease: Rule = (_, { bad }) =>
  bad.length === 0
    ? []
    : [
        {
          sentence: `${counted(bad.length, "release is", "releases are")} remembered as bad: ${some(bad)}`,
          examples: bad,
        },
      ];

const migration: Rule = (_, { migrations }) =>
  migrations.length === 0
    ? []
    : [
        {
          sentence: `${counted(migrations.length, "service migrates its database", "services migrate their databases")} with no way back but the snapshot: ${some(migrations)}`,
          examples: migrations,
        },
      ];

/** What could not be rolled back. */
export const loss: Rule = (_, { changes, lost }) =>
  lost?.map((sentence) => ({ sentence: `going back does not bring everything back: ${sentence}` })) ??
  undoAnswer(changes).reasons.map(({ reason, changes: number, examples }) => ({
    sentence: `${counted(number, "change does not", "changes do not")} come back without loss: ${reason}`,
    examples,
  }));

const outside = (id: "window-host" | "window-mass", { rules }: Gates, now: Date, what: string): GateFinding[] => {
  const { windows } = rules[id];
  if (windows.some((window) => isOpen(window, now))) return [];
  const next = nextOpening(windows, now);
  const opens = next === undefined ? "it does not open within two weeks" : `it opens ${minute(next)}`;
  return [
    {
      sentence: `${what} outside of the window (${windows.map(describeWindow).join("; ")}): it is ${minute(now)}, ${opens}`,
    },
  ];
};

const windowHost: Rule = (gates, facts) => {
  const { services } = gather(facts);
  if (services.length === 0) return [];
  return outside("window-host", gates, facts.now, `${counted(services.length, "service changes", "services change")}`);
};

const windowMass: Rule = (gates, facts) => {
  const { touched } = gather(facts);
  if (touched.length <= gates.rules["window-mass"].sites) return [];
  return outside("window-mass", gates, facts.now, `${touched.length} sites change`);
};

/** The way out names what is mended: nothing beside it may change. */
const freeze: Rule = ({ freezes }, { now, changes, hotfix = [] }) => {
  const found = frozenBy(freezes, now);
  if (found === undefined || changes.length === 0) return [];
  const others = changes
    .filter(({ name, parent }) => !hotfix.includes(name) && !hotfix.includes(parent ?? ""))
    .map(({ name, parent }) => parent ?? name);
  const rest = [...new Set(others)].sort();
  const days = found.from === found.to ? `on ${found.from}` : `from ${found.from} to ${found.to}`;
  const head = `the estate is frozen ${days} (${found.timeZone}): ${found.reason}`;
  if (hotfix.length === 0) return [{ sentence: head, examples: rest }];
  if (rest.length === 0) return [{ sentence: `${head}; hotfix of ${some(hotfix)}`, answered: true, examples: hotfix }];
  return [{ sentence: `${head}; beside the hotfix of ${some(hotfix)} this changes ${some(rest)}`, examples: rest }];
};

const figure = (
  rule: Gates["rules"]["cost"],
  value: Figure | undefined,
  what: string,
  judged: (value: number) => GateFinding[],
): readonly GateFinding[] => {
  if (rule.source === undefined) return [];
  if (value !== undefined && "value" in value) return judged(value.value);
  const why = value?.unknown ?? `the source ${rule.source} says nothing`;
  return [{ sentence: `${what}: not known (${why})`, unknown: true, severity: rule.unknown }];
};

const cost: Rule = ({ rules }, facts) =>
  figure(rules.cost, facts.cost, "monthly cost", (euros) =>
    euros <= rules.cost.eurosPerMonth
      ? []
      : [
          {
            sentence: `the account would cost €${whole(euros)} a month, more than €${whole(rules.cost.eurosPerMonth)}`,
          },
        ],
  );

/** Checks of quality.yaml in one state, a sentence for all of them. */
const checks =
  (state: OpenCheck["state"], one: string, many: string): Rule =>
  (_, { quality: all = [] }) => {
    const open = all.filter((check) => check.state === state);
    const named = open.map(({ service, check, why }) => `${check} for ${service} (${why})`);
    const services = [...new Set(open.map(({ service }) => service))];
    return open.length === 0
      ? []
      : [{ sentence: `${counted(open.length, one, many)}: ${some(named)}`, examples: services }];
  };

/** Keys without the comment at their end. */
const bare = (key: string): string => key.split(" ").slice(0, 2).join(" ");

const unsignedArtifact: Rule = ({ rules }, { artifacts = [] }) => {
  const signers = rules["unsigned-artifact"].signers.map(bare);
  if (signers.length === 0) return [];
  const unsigned = artifacts.filter(({ key }) => key === undefined || !signers.includes(key));
  if (unsigned.length === 0) return [];
  const why = unsigned.map(({ service, problem = "signed by a key that is no signer's" }) => `${service} (${problem})`);
  return [
    {
      sentence: `${counted(unsigned.length, "artifact is", "artifacts are")} not signed by a signer: ${some(why)}`,
      examples: unsigned.map(({ service }) => service),
    },
  ];
};

const failing = checks("fail", "quality check fails", "quality checks fail");

/** What is asked is not loosened by the change that it is asked of. */
const quality: Rule = (gates, facts) => [
  ...failing(gates, facts),
  ...(facts.qualityAltered
    ? [{ sentence: "the change alters quality.yaml, which says what must be proven", severity: "approve" as const }]
    : []),
];

/** Every rule but {@link loss}, by its id. */
export const stopping = {
  freeze,
  "bad-release": badRelease,
  "delete-zone": gone("zone", "zone", "zones"),
  "delete-database": gone("database", "database", "databases", "would be let go of"),
  "delete-environment": gone("environment", "environment", "environments"),
  "delete-project": gone("project", "project", "projects"),
  "delete-domain": gone("domain", "domain", "domains", "would be taken from their projects"),
  "service-leaves": gone("service", "service leaves", "services leave", "the catalog"),
  "share-of-deletes": (gates, facts) => shareFindings(gates.rules["share-of-deletes"], facts.stacks, "gone"),
  "share-of-updates": (gates, facts) => shareFindings(gates.rules["share-of-updates"], facts.stacks, "updated"),
  "irreversible-migration": migration,
  "new-zone-dns": newZones,
  "first-sites": firstSites,
  "many-sites": manySites,
  "window-host": windowHost,
  "window-mass": windowMass,
  "unsigned-artifact": unsignedArtifact,
  cost,
  quality,
  "quality-not-run": checks("not-run", "quality check is not known", "quality checks are not known"),
} satisfies Partial<Record<GateId, Rule>>;
