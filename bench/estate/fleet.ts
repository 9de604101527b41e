import { cellOf, DEFAULT_CELLS } from "../../model/index.ts";
import type { Say } from "../types.ts";
import { Estate } from "./estate.ts";
import { hostOf, ownRows, plainNames, type SampleRow } from "./sites.ts";

/** What sites serve before and after: channels of the sample catalog, each pinned to a commit of its own. */
const CHANNELS = { before: "stable", after: "beta" } as const;

/** A fleet that is up on its first release: every site has a project of its own. */
export interface Fleet {
  readonly estate: Estate;
  readonly hosts: readonly string[];
  /** The sites as the catalog has them at first. */
  readonly rows: readonly SampleRow[];
  /** Writes the catalog anew: these hosts declare the release of before, the others that of after. */
  declare(before: ReadonlySet<string>): void;
  /** Writes the catalog as it was at first: all declare the release of before. */
  declareFirst(): void;
}

let standing: { readonly sites: number; readonly fleet: Promise<Fleet> } | undefined;

/** The fleet of (f) and (g): brought up once, since that takes longer than what is measured on it. */
export async function fleetOf(sites: number, say: Say): Promise<Fleet> {
  if (standing?.sites !== sites) {
    await endFleet();
    standing = { sites, fleet: bringUp(sites, say) };
  }
  return standing.fleet;
}

/** Ends the fleet's sandbox, if there is one. */
export async function endFleet(): Promise<void> {
  const fleet = await standing?.fleet.catch(() => undefined);
  standing = undefined;
  await fleet?.estate.close();
}

/**
 * Brings such a fleet up in an estate of its own, which the caller ends.
 *
 * @param env where it keeps its stacks. @default a directory
 */
export async function bringUp(sites: number, say: Say, env: Readonly<Record<string, string>> = {}): Promise<Fleet> {
  const rows = ownRows(plainNames(sites)).map((row) => ({ ...row, channel: CHANNELS.before }));
  const estate = await Estate.open(rows);
  try {
    estate.use(env);
    say(`preparing: first up of ${sites} sites`);
    // The zones are what leads to the sites; services are of no use here.
    await estate.sitefleet("up", "--yes", "--no-check", "--stack", "prod", ...cellOptions(rows.map(hostOf)));
  } catch (error) {
    await estate.close();
    throw error;
  }
  const write = (channelOf: (row: SampleRow) => string) =>
    estate.writeSites(rows.map((row) => ({ ...row, channel: channelOf(row) })));
  return {
    estate,
    rows,
    hosts: rows.map(hostOf),
    declare: (before) => write((row) => (before.has(hostOf(row)) ? CHANNELS.before : CHANNELS.after)),
    declareFirst: () => write(() => CHANNELS.before),
  };
}

/** `--cell` for each cell that these hosts are in. Pure. */
export function cellOptions(hosts: readonly string[]): string[] {
  const cells = new Set(hosts.map((host) => cellOf({ host, tags: [] }, DEFAULT_CELLS)));
  return [...cells].sort().flatMap((cell) => ["--cell", cell]);
}
