import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { nameOfUrn } from "../provider/framework/urn.ts";
import type { SandboxInfo } from "./daemon/info.ts";
import { sandboxPaths } from "./machine/paths.ts";

/** What differs between the vendors' objects and the stacks' state. */
export interface Comparison {
  /** Objects that were compared. */
  readonly compared: number;
  /** In a state, not at the vendor; `kind name`. */
  readonly missing: readonly string[];
  /** At the vendor, in no state. */
  readonly orphans: readonly string[];
}

/** The part of a resource in a checkpoint that is looked at. */
interface StateResource {
  readonly type: string;
  readonly urn?: string;
  readonly id?: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** An object of the inventory. */
type Item = Readonly<Record<string, unknown>> & { readonly id: string; readonly name: string };
/** Vendor → kind → objects. */
type Inventory = Readonly<Record<string, Readonly<Record<string, readonly Item[]>>>>;

/** How one resource type is found among a vendor's objects. */
interface Rule {
  readonly type: string;
  readonly vendor: string;
  readonly kind: string;
  /** What identifies a resource, or several objects that it stands for, from its state. */
  key(resource: StateResource): string | readonly string[];
  /** The same, from the vendor's object. */
  itemKey(item: Item): string;
  /** Objects that need not be in a state: not made by us, or kept on purpose. @default none */
  spare?(item: Item, known: ReadonlySet<string>, inventory: Inventory): boolean;
}

const text = (value: unknown) => String(value ?? "");
const lastPart = (id: string) => id.slice(id.lastIndexOf("/") + 1);

const RULES: readonly Rule[] = [
  {
    // Every service has one: its deployment.
    type: "command:local:Command",
    vendor: "host",
    kind: "services",
    key: ({ urn }) => nameOfUrn(text(urn)),
    itemKey: ({ id }) => id,
  },
  {
    // Which release its last deployment made live; an output of the stack as a whole.
    type: "pulumi:pulumi:Stack",
    vendor: "host",
    kind: "services",
    key: ({ outputs }) => Object.entries(outputs?.releases ?? {}).map(([key, release]) => `${key} ${text(release)}`),
    itemKey: (item) => `${item.id} ${text(item.release)}`,
    spare: () => true,
  },
  {
    type: "vercel:index/project:Project",
    vendor: "vercel",
    kind: "projects",
    key: ({ id }) => lastPart(text(id)),
    itemKey: ({ id }) => id,
  },
  {
    type: "vercel:index/projectDomain:ProjectDomain",
    vendor: "vercel",
    kind: "domains",
    key: ({ outputs }) => `${text(outputs?.domain)} on ${text(outputs?.projectId)}`,
    itemKey: (item) => `${item.name} on ${text(item.projectId)}`,
    // Every project has its own name under vercel.app.
    spare: (item) => item.name.endsWith(".vercel.app"),
  },
  {
    type: "vercel:index/deployment:Deployment",
    vendor: "vercel",
    kind: "deployments",
    key: ({ id }) => lastPart(text(id)),
    itemKey: ({ id }) => id,
    // Earlier releases stay, to be promoted again. A second deployment of a commit that is in the state is no such thing.
    spare: (item, known, inventory) =>
      !(inventory.vercel?.deployments ?? []).some(
        (other) => known.has(other.id) && other.projectId === item.projectId && other.commit === item.commit,
      ),
  },
  {
    type: "sitefleet:vercel:Release",
    vendor: "vercel",
    kind: "deployments",
    key: ({ outputs }) => text(outputs?.deploymentId),
    itemKey: ({ id }) => id,
    // Earlier releases stay, to be promoted again, and so do failed builds, to be looked into. Another good build of what is
    // live, with the same settings, is neither.
    spare: (item, known, inventory) =>
      ["ERROR", "CANCELED"].includes(text(item.state)) ||
      !(inventory.vercel?.deployments ?? []).some(
        (other) =>
          known.has(other.id) &&
          other.projectId === item.projectId &&
          other.commit === item.commit &&
          settingsOf(other) === settingsOf(item),
      ),
  },
  {
    type: "sitefleet:vercel:Release",
    vendor: "vercel",
    kind: "projects",
    key: ({ outputs }) => `${text(outputs?.projectId)} serving ${text(outputs?.deploymentId)}`,
    itemKey: (item) => `${item.id} serving ${text(item.production)}`,
    // A project without a release of ours serves what it likes.
    spare: () => true,
  },
  {
    type: "cloudflare:index/dnsRecord:DnsRecord",
    vendor: "cloudflare",
    kind: "records",
    key: ({ id }) => lastPart(text(id)),
    itemKey: ({ id }) => id,
  },
  {
    type: "github:index/repositoryEnvironment:RepositoryEnvironment",
    vendor: "github",
    kind: "environments",
    key: ({ outputs }) => `${text(outputs?.repository)}/${text(outputs?.environment)}`,
    itemKey: (item) => `${lastPart(text(item.repository))}/${item.name}`,
  },
  {
    type: "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret",
    vendor: "github",
    kind: "secrets",
    key: ({ outputs }) => `${text(outputs?.repository)}/${text(outputs?.environment)}/${text(outputs?.secretName)}`,
    itemKey: (item) => `${lastPart(text(item.repository))}/${text(item.environment)}/${item.name}`,
  },
];

/**
 * Compares the inventory with the resources of all stacks.
 *
 * @param resources @default read from the sandbox's state directory, whose states must be whole
 */
export async function compareWithState(
  info: SandboxInfo,
  resources: readonly StateResource[] = readState(sandboxPaths(info.dir).state),
): Promise<Comparison> {
  const answer = await fetch(new URL("/inventory", info.urls.control), { signal: AbortSignal.timeout(30_000) });
  return compare((await answer.json()) as Inventory, resources);
}

/** The comparison itself. Pure. */
export function compare(inventory: Inventory, resources: readonly StateResource[]): Comparison {
  const missing: string[] = [];
  const orphans: string[] = [];
  let compared = 0;
  for (const rule of RULES) {
    const items = inventory[rule.vendor]?.[rule.kind] ?? [];
    const wanted = new Set(resources.filter(({ type }) => type === rule.type).flatMap(rule.key));
    const found = new Set(items.map(rule.itemKey));
    compared += wanted.size;
    for (const key of wanted) if (!found.has(key)) missing.push(`${rule.kind} ${key}`);
    for (const item of items) {
      if (wanted.has(rule.itemKey(item)) || rule.spare?.(item, wanted, inventory)) continue;
      orphans.push(`${rule.kind} ${rule.itemKey(item)} (${item.name})`);
    }
  }
  return { compared, missing: missing.sort(), orphans: orphans.sort() };
}

/** All resources of all stacks in a state directory of the file backend. */
function readState(stateDir: string): StateResource[] {
  const folder = join(stateDir, ".pulumi", "stacks", "sitefleet");
  let files: string[];
  try {
    files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
  return files.flatMap((file) => {
    const { checkpoint } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    return (checkpoint?.latest?.resources ?? checkpoint?.Latest?.resources ?? []) as StateResource[];
  });
}

/** Digest of the settings that a release was built with, from the deployment's metadata; empty for older ones. */
const settingsOf = ({ meta }: { readonly [key: string]: unknown }) =>
  text((meta as Record<string, unknown> | undefined)?.sitefleetSettings);
