import { resolve } from "node:path";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { type Catalog, cellNames, loadCatalog, stackOfCell } from "../model/index.ts";
import { contextOf } from "../policy/context.ts";
import { type PackedContext, packed } from "../policy/packed.ts";
import { dnsVendors } from "../vendors/index.ts";
import { readArtifacts } from "./artifacts.ts";
import { desiredState, type StackState } from "./desired.ts";
import { PLESK_STACK } from "./names.ts";
import { PROJECT_ROOT } from "./root.ts";

/** The catalog's directory: SITEFLEET_CATALOG, else `catalog` in the project. */
export function catalogDir(): string {
  const dir = environment().SITEFLEET_CATALOG;
  return dir === undefined || dir === "" ? "catalog" : dir;
}

/** What a program needs; loaded once when many stacks run in one process. */
export interface Inputs {
  readonly catalog: Catalog;
  /** Desired state of a stack. @throws SitefleetError `stack.unknown` */
  state(stack: string): Promise<StackState>;
  /** What the policies know of the catalog. */
  readonly policies: PackedContext;
}

/** What declaring one stack needs. */
export type Program = Pick<Inputs, "state"> & Partial<Pick<Inputs, "policies">>;

/** Reads the catalog. @throws SitefleetError `catalog.invalid` */
export function loadInputs(dir: string = catalogDir()): Inputs {
  const catalog = loadCatalog(resolve(PROJECT_ROOT, dir), dnsVendors());
  return { catalog, state: (stack) => stateOf(catalog, stack), policies: packed(contextOf(catalog)) };
}

async function stateOf(catalog: Catalog, stack: string): Promise<StackState> {
  const artifacts = stack === PLESK_STACK ? await readArtifacts(catalog, PROJECT_ROOT) : undefined;
  const state = desiredState(catalog, stack, artifacts);
  if (state !== undefined) return state;
  const [canary = "", first = "", ...others] = cellNames(catalog.cells).map(stackOfCell);
  throw new SitefleetError({
    code: "stack.unknown",
    message: `${stack} is no stack of this project`,
    subject: stack,
    hint: `stacks are prod, prod-plesk, ${canary} and ${first} to ${others.at(-1) ?? first}; \`sitefleet cells\` lists them`,
  });
}
