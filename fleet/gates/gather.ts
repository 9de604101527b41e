import { COMPONENT } from "../../components/tokens.ts";
import { stackKind } from "../../stacks/names.ts";
import { roleOf } from "../../vendors/index.ts";
import type { Kind } from "../run/preflight/types.ts";
import type { GateChange, GateFacts } from "./types.ts";

/** What changes, by what people call it. */
export interface Gathered {
  /** Hosts of sites. */
  readonly created: readonly string[];
  readonly touched: readonly string[];
  readonly newZones: readonly string[];
  readonly zoneRecords: readonly string[];
  readonly services: readonly string[];
  readonly gone: Readonly<
    Record<"project" | "zone" | "domain" | "environment" | "database" | "service", readonly string[]>
  >;
}

const unique = (names: readonly string[]): string[] => [...new Set(names)].sort();
const goes = ({ op }: GateChange): boolean => op === "delete" || op.includes("replace");
const isCell = ({ stack }: GateChange): boolean => stackKind(stack)?.kind === "cell";

/** Reads off what the rules count. Pure. */
export function gather({ changes, stacks }: Pick<GateFacts, "changes" | "stacks">): Gathered {
  const names = (which: (change: GateChange) => boolean) =>
    unique(changes.filter(which).map(({ name, parent, component }) => (component ? name : (parent ?? name))));
  const own = (which: (change: GateChange) => boolean) => unique(changes.filter(which).map(({ name }) => name));
  const component = (token: string, ops: (change: GateChange) => boolean) =>
    own((change) => change.type === token && ops(change));
  const created = ({ op }: GateChange) => op === "create" || op === "import";
  // A component's deletion alone says nothing: an alias moves it. What it stands for is deleted as well.
  const items = (kind: Kind) =>
    unique(
      stacks
        .filter(({ inRun }) => inRun)
        .flatMap(({ items }) =>
          items.filter((item) => item.kind === kind && item.fate === "deleted").map(({ name }) => name),
        ),
    );
  const newZones = component(COMPONENT.zone, created);
  return {
    created: component(COMPONENT.site, created),
    touched: unique([...names((change) => isCell(change) && isOfSite(change))]),
    newZones,
    zoneRecords: own((change) => roleOf(change.type) === "record" && newZones.includes(change.parent ?? "")),
    services: names((change) => change.type === COMPONENT.service || roleOf(change.type) === "service"),
    gone: {
      project: unique([...own((change) => roleOf(change.type) === "project" && goes(change)), ...items("project")]),
      zone: unique([...own((change) => roleOf(change.type) === "zone" && goes(change)), ...items("zone")]),
      domain: own((change) => ["site-domain", "domain-name"].includes(roleOf(change.type) ?? "") && goes(change)),
      environment: unique([
        ...own((change) => roleOf(change.type) === "environment" && goes(change)),
        ...items("environment"),
      ]),
      database: items("database"),
      service: items("service"),
    },
  };
}

const isOfSite = ({ type, parent }: GateChange): boolean => type === COMPONENT.site || parent !== undefined;
