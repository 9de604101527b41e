import { z } from "zod";
import { loadCatalog } from "../model/index.ts";
import { noEvents } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";
import { secretFacts } from "./secrets/facts.ts";
import { FINDINGS, type SecretFinding, verifySecrets } from "./secrets/verify.ts";

/** Exit code where a secret is not as it should be. */
const FOUND_EXIT = 2;

/** What is wrong with the secrets. */
export const secretsVerify = defineOperation({
  name: "secrets verify",
  summary: "say which secrets are missing, too much, too old, or changed by another hand; never a value",
  changes: false,
  input: z.object({}),
  events: noEvents,
  output: z.object({
    ok: z.boolean().describe("nothing was found"),
    secrets: z.int().describe("in the catalog"),
    findings: z.array(
      z.object({
        kind: z.enum(FINDINGS),
        name: z.string(),
        says: z.string(),
        todo: z.string().describe("what to do about it"),
      }),
    ),
  }),
  async run(_input, { estate }): Promise<{ readonly secrets: number; readonly findings: readonly SecretFinding[] }> {
    const catalog = loadCatalog(estate.catalogDir);
    const facts = await secretFacts(catalog, estate.configFile);
    return { secrets: catalog.secrets.entries.length, findings: verifySecrets(facts) };
  },
  document: ({ secrets, findings }) => ({ ok: findings.length === 0, secrets, findings: [...findings] }),
  exitCode: ({ findings }) => (findings.length > 0 ? FOUND_EXIT : 0),
});
