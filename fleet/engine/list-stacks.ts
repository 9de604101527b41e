import { z } from "zod";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { PulumiError, pulumi } from "../backend/pulumi.ts";

/** One row of `pulumi stack ls --json`. */
const rowSchema = z.object({
  name: z.string(),
  lastUpdate: z.string().optional(),
  updateInProgress: z.boolean().optional(),
  resourceCount: z.number().optional(),
});

/** What the backend knows of a stack without opening it. */
export interface StackInfo {
  /** Short name, e.g. `prod-cell-07`. */
  readonly name: string;
  /** Time of the last update, ISO 8601 in ms; undefined for a stack that never had one. */
  readonly lastUpdate: string | undefined;
  /** Resources in its state, the stack itself and providers included; 1 where they were not counted, see `readStacks`. */
  readonly resources: number;
  /** Of its state in a bucket or table: changes with it. @default not known */
  readonly version?: string | undefined;
  /** Digest of its state's text, where an update of this run has left it. @default not known */
  readonly content?: string | undefined;
}

/**
 * The project's stacks in the backend, by name: one call for all of them.
 *
 * @throws SitefleetError `backend.unreachable`
 */
export async function listStacks(env: NodeJS.ProcessEnv = environment()): Promise<Map<string, StackInfo>> {
  try {
    const stdout = await pulumi(["stack", "ls", "--json"], { env, within: "states" });
    const rows = z.array(rowSchema).parse(JSON.parse(stdout));
    return new Map(
      rows.map((row) => {
        const name = row.name.slice(row.name.lastIndexOf("/") + 1);
        return [name, { name, lastUpdate: row.lastUpdate, resources: row.resourceCount ?? 0 }];
      }),
    );
  } catch (error) {
    const said = error instanceof PulumiError ? error.message : String(error);
    throw new SitefleetError({
      code: "backend.unreachable",
      message: `the state backend cannot be listed: ${said}`,
      hint: "set PULUMI_BACKEND_URL (or log in with `pulumi login`); for the sandbox add --sandbox",
      cause: error,
    });
  }
}
