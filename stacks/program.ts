import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Catalog, loadCatalog } from "../catalog/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { readArtifacts } from "./artifacts.ts";
import { desiredState, type StackState } from "./desired.ts";
import { digestOf } from "./digest.ts";
import { PLESK_STACK } from "./names.ts";

/** The project's root folder, where Pulumi.yaml lies. */
export const PROJECT_ROOT = resolve(fileURLToPath(import.meta.url), "../..");

/** The catalog's directory: SITEFLEET_CATALOG, else `catalog` in the project. */
export function catalogDir(): string {
  const dir = process.env.SITEFLEET_CATALOG;
  return dir === undefined || dir === "" ? "catalog" : dir;
}

/** What a program needs; loaded once when many stacks run in one process. */
export interface Inputs {
  readonly catalog: Catalog;
  /** Desired state of a stack. @throws SitefleetError `stack.unknown`, `artifact.missing` */
  state(stack: string): Promise<StackState>;
}

/** Reads the catalog. @throws SitefleetError `catalog.invalid` */
export function loadInputs(dir: string = catalogDir()): Inputs {
  const catalog = loadCatalog(resolve(PROJECT_ROOT, dir));
  return { catalog, state: (stack) => stateOf(catalog, stack) };
}

async function stateOf(catalog: Catalog, stack: string): Promise<StackState> {
  const artifacts = stack === PLESK_STACK ? await readArtifacts(catalog, PROJECT_ROOT) : undefined;
  const state = desiredState(catalog, stack, artifacts);
  if (state !== undefined) return state;
  throw new SitefleetError({
    code: "stack.unknown",
    message: `${stack} is no stack of this project`,
    subject: stack,
    hint: "stacks are prod, prod-plesk, prod-cell-canary and prod-cell-00 to prod-cell-63; `sitefleet cells` lists them",
  });
}

/** Declares one stack's resources. Runs inside a Pulumi program; returns the stack's outputs. */
export async function runStack(inputs: Inputs, stack: string): Promise<Record<string, unknown>> {
  const state = await inputs.state(stack);
  return { ...(await declare(state)), digest: digestOf(state) };
}

/** Loads only the SDKs that the stack uses: starting the program is most of what a small stack costs. */
async function declare(state: StackState): Promise<Record<string, unknown>> {
  switch (state.kind) {
    case "cell":
      return (await import("./cell.ts")).cellProgram(state);
    case "shared":
      return (await import("./shared.ts")).sharedProgram(state);
    case "plesk":
      return (await import("./plesk.ts")).pleskProgram(state);
  }
}
