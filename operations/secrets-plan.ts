import { z } from "zod";
import { loadCatalog } from "../model/index.ts";
import { failureOf } from "./kit/failure.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { serviceEvent } from "./plesk/services/events.ts";
import { accountTargets, databaseSecrets, lookAtSecrets } from "./secrets/accounts.ts";
import { ORIGINS, type PlannedSecret, planSecrets, secretFacts, WRITES } from "./secrets/facts.ts";

/** How a database's password can be rotated. */
export interface Probed {
  readonly name: string;
  readonly server: string;
  readonly way: "no gap" | "window";
  /** Why not without a gap; each completes "it …". */
  readonly why: readonly string[];
  /** Values of the rotation that it accepts now. */
  readonly accepts: readonly number[];
  /** Sessions that may use an old value. */
  readonly before: number;
}

/** What the secrets are, and how they can be rotated where that was asked. */
export interface SecretsPlan {
  readonly secrets: readonly PlannedSecret[];
  readonly probed: readonly Probed[] | undefined;
}

/** Every secret with its origin, where it goes, its age, and what the next update writes. */
export const secretsPlan = defineOperation({
  name: "secrets plan",
  summary: "list every secret with its origin, where it goes, its age and what would be written; never a value",
  changes: false,
  input: z.object({
    probe: flag(z.boolean().optional(), "--probe", "ask the databases as well how their passwords can be rotated"),
  }),
  events: serviceEvent,
  output: z.object({
    secrets: z.array(
      z.object({
        name: z.string(),
        origin: z.enum(ORIGINS).describe("`declared`: it stands in the catalog; `by hand`: at the vendor alone"),
        to: z.array(z.string()).describe("where it goes"),
        ageDays: z.int().optional().describe("since it was last written"),
        maxAgeDays: z.int().optional(),
        phase: z.enum(["steady", "making", "delivering", "retiring"]).describe("where its rotation stands"),
        write: z.enum(WRITES).describe("what the next update does at the vendor"),
      }),
    ),
    probed: z
      .array(
        z.object({
          name: z.string(),
          server: z.string(),
          way: z.enum(["no gap", "window"]),
          why: z.array(z.string()).describe("why not without a gap"),
          accepts: z.array(z.int()).describe("values of the rotation that get in now"),
          before: z.int().describe("sessions that may use an old value"),
        }),
      )
      .optional(),
  }),
  async run({ probe = false }, tools): Promise<SecretsPlan> {
    const catalog = loadCatalog(tools.estate.catalogDir);
    const facts = await secretFacts(catalog, tools.estate.configFile);
    const secrets = planSecrets(facts);
    if (!probe) return { secrets, probed: undefined };
    const asked = databaseSecrets(catalog);
    const looks = await lookAtSecrets(asked, await accountTargets(tools, catalog, asked), tools.signal);
    const probed = [...looks].map(([name, look]): Probed => {
      if ("error" in look)
        return { name, server: "", way: "window", why: [failureOf(look.error).message], accepts: [], before: 0 };
      const { server, way, why, accepts, before } = look;
      return { name, server, way: way === undefined ? "window" : "no gap", why, accepts, before };
    });
    return { secrets, probed };
  },
  document: ({ secrets, probed }) => ({
    secrets: secrets.map((one) => ({ ...one, to: [...one.to] })),
    probed: probed?.map((one) => ({ ...one, why: [...one.why], accepts: [...one.accepts] })),
  }),
});
