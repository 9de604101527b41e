import { cellNames, DEFAULT_CELLS, NEW_CELLS, stackOfCell } from "../../model/index.ts";
import type { CellState } from "../../stacks/desired.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import { loadInputs } from "../../stacks/program.ts";
import { Estate } from "../estate/estate.ts";
import { observed } from "../estate/observed.ts";
import { changeSome, type SampleRow } from "../estate/sites.ts";
import type { Row } from "../types.ts";
import { type Programs, STAND_INS } from "./find.ts";
import type { Files } from "./modules.ts";
import { type Declared, oneRoot, SHARED_ROOT, splitRoots } from "./roots.ts";
import { objectsAt, objectsIn, type VercelInventory } from "./said.ts";
import { Workspace } from "./workspace.ts";

/** Sites that are changed, each in another cell. */
const CHANGED = 3;
/** What is compared, in this order. */
export const OPERATIONS = [
  "first up",
  "whole review",
  "whole review, live",
  `review of ${CHANGED} changed`,
  `up of ${CHANGED} changed`,
] as const;
export type Operation = (typeof OPERATIONS)[number];
/** Who does it: ours in the number of cells that a new estate gets, and in as many as OpenTofu is split into root modules. */
export const VARIANTS = ["ours", "ours, 64 cells", "OpenTofu, split", "OpenTofu, one state"] as const;
export type Variant = (typeof VARIANTS)[number];

type Ours = Extract<Variant, `ours${string}`>;

/** Those that OpenTofu is held against. */
export const isOurs = (variant: Variant): variant is Ours => variant === "ours" || variant === "ours, 64 cells";

/** A command that can be killed. */
interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** One of those that are compared, with an estate of its own that has the shared projects and no site yet. */
export interface Side {
  readonly variant: Variant;
  /** How many. */
  readonly sites: number;
  readonly estate: Estate;
  /** Does it, measured. @throws Error when it fails */
  run(operation: Operation): Promise<Row>;
  /** The first update, not started. */
  first(): Command;
  /** Objects at the vendor that no state has. */
  lost(): Promise<number>;
  close(): Promise<void>;
}

/** Vercel's part of the inventory. */
export async function vercelOf(estate: Estate): Promise<VercelInventory> {
  return ((await estate.inventory()) as { vercel: VercelInventory }).vercel;
}

/** Opens a side for these sites. Real provider plugins are on PATH; those that no cell needs are the sandbox's. */
export async function openSide(variant: Variant, rows: readonly SampleRow[], programs: Programs): Promise<Side> {
  const estate = await Estate.open(rows, "real");
  const cells = variant === "ours" ? NEW_CELLS : DEFAULT_CELLS;
  try {
    estate.writeCells(cells);
    const { PATH = "" } = estate.environment();
    estate.use({ PATH: `${PATH}:${STAND_INS}`, PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" });
    return isOurs(variant) ? await ours(variant, estate, rows, cells) : await theirs(variant, estate, rows, programs);
  } catch (error) {
    await estate.close();
    throw error;
  }
}

async function ours(variant: Ours, estate: Estate, rows: readonly SampleRow[], number: number): Promise<Side> {
  const { cells } = await declaredIn(estate);
  const stacks = [...cells.keys()].flatMap((stack) => ["--stack", stack]);
  const ARGS: Record<Operation, readonly string[]> = {
    "first up": ["up", "--yes", "--no-check"],
    "whole review": ["preview", "--all"],
    "whole review, live": ["preview", "--refresh"],
    "review of 3 changed": ["preview"],
    "up of 3 changed": ["up", "--yes", "--no-check"],
  };
  if (rows.some(({ project }) => project === "shared"))
    await estate.sitefleet("up", "--yes", "--no-check", "--stack", SHARED_STACK);
  return {
    variant,
    sites: rows.length,
    estate,
    async run(operation) {
      if (operation === `review of ${CHANGED} changed`) estate.writeSites(changeSome(rows, CHANGED, number));
      const labels = { variant, operation, sites: rows.length };
      return (await observed(estate, labels, [...ARGS[operation], ...stacks])).row;
    },
    first: () => estate.command(...ARGS["first up"], ...stacks),
    async lost() {
      const { stdout } = await estate.answering([0, 1], "sandbox", "verify", "--json");
      const { missing, orphans } = JSON.parse(stdout) as { missing: string[]; orphans: string[] };
      return missing.length + orphans.length;
    },
    close: () => estate.close(),
  };
}

async function theirs(
  variant: Exclude<Variant, Ours>,
  estate: Estate,
  rows: readonly SampleRow[],
  programs: Programs,
): Promise<Side> {
  const workspace = new Workspace(programs, estate);
  const close = async () => {
    workspace.close();
    await estate.close();
  };
  try {
    const make = variant === "OpenTofu, split" ? splitRoots : oneRoot;
    let declared = await declaredIn(estate);
    const files = make(declared);
    workspace.write(files);
    const apart = SHARED_ROOT in rootsOf(files);
    const roots = Object.keys(rootsOf(files)).filter((root) => root !== SHARED_ROOT);
    await workspace.init(apart ? [SHARED_ROOT, ...roots] : roots);
    if (apart) await workspace.run("apply", [SHARED_ROOT]);
    let changed: string[] = [];
    const PARTS: Record<Operation, () => Parameters<Workspace["run"]>> = {
      "first up": () => ["apply", roots],
      "whole review": () => ["plan", roots],
      "whole review, live": () => ["plan", roots, true],
      "review of 3 changed": () => ["plan", changed],
      "up of 3 changed": () => ["apply", changed],
    };
    return {
      variant,
      sites: rows.length,
      estate,
      async run(operation) {
        if (operation === `review of ${CHANGED} changed`) {
          estate.writeSites(changeSome(rows, CHANGED));
          declared = await declaredIn(estate);
          const next = make(declared);
          // Which root modules have changed a person's script knows: it costs nothing here.
          changed = roots.filter((root) => rootsOf(next)[root] !== rootsOf(files)[root]);
          workspace.write(next);
        }
        await estate.requests();
        const args = PARTS[operation]();
        const { cost, created, changed: altered } = await workspace.run(...args);
        const { reads, writes } = await estate.requests();
        const labels = { variant, operation, sites: rows.length, stacks: args[1].length };
        return { ...labels, cost, created, changed: altered, reads, writes };
      },
      first: () => workspace.command("apply", roots),
      async lost() {
        const known = objectsIn(workspace.states(apart ? [SHARED_ROOT, ...roots] : roots));
        return objectsAt(await vercelOf(estate)).filter((one) => !known.has(one)).length;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Root modules by their folders. Pure. */
function rootsOf(files: Files): Record<string, string> {
  const roots = Object.entries(files).filter(([path]) => !path.startsWith("modules/"));
  return Object.fromEntries(roots.map(([path, text]) => [path.slice(0, path.indexOf("/")), text]));
}

/** What the catalog of an estate declares at Vercel. */
async function declaredIn(estate: Estate): Promise<Declared> {
  const inputs = loadInputs(estate.catalog);
  const state = async (stack: string) => [stack, (await inputs.state(stack)) as CellState] as const;
  const cells = await Promise.all(cellNames(inputs.catalog.cells).map(stackOfCell).map(state));
  const shared = await inputs.state(SHARED_STACK);
  return {
    team: estate.environment().VERCEL_TEAM ?? "",
    shared: shared.kind === "shared" ? shared.projects : [],
    cells: new Map(cells.filter(([, { sites }]) => sites.length > 0)),
  };
}
