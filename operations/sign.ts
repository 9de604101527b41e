import { chmodSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { SitefleetError } from "../errors/index.ts";
import { writeDocument } from "../fleet/change-set/index.ts";
import { ARTIFACT_NAMESPACE, artifactStatement, readSignature, signText } from "../fleet/gates/index.ts";
import { loadCatalog } from "../model/index.ts";
import { signaturePath } from "../plesk/artifact/attestation/paths.ts";
import { rulesOf } from "../stacks/artifacts.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** What was signed. */
export interface SignedService {
  readonly service: string;
  /** File of the signature. */
  readonly file: string;
  /** The key that signed, `type base64`. */
  readonly key: string;
}

/** Signs the provenance of built artifacts. */
export const sign = defineOperation({
  name: "sign",
  summary: "sign the provenance of built artifacts with an SSH key; files that do not fit it are refused",
  changes: true,
  input: z.object({
    service: flag(
      z.array(z.string()).optional(),
      "--service <key>",
      "the artifact of this service; may be given several times (default: of every service that declares a build)",
    ),
    key: flag(
      z.string(),
      "--key <file>",
      "private SSH key; the .pub file of one that ssh-agent or a hardware key holds does as well",
    ),
  }),
  events: noEvents,
  output: z.object({
    signed: z.array(z.object({ service: z.string(), file: z.string(), key: z.string().describe("public key") })),
  }),
  async run({ service: wanted, key }, { estate }): Promise<readonly SignedService[]> {
    const { services } = loadCatalog(estate.catalogDir);
    const unknown = (wanted ?? []).filter((name) => !services.some((one) => one.key === name));
    if (unknown.length > 0)
      throw new SitefleetError({
        code: "service.unknown",
        message: "the catalog has no such service",
        details: unknown,
      });
    const chosen = services.filter(({ key: name, build }) => wanted?.includes(name) ?? build !== undefined);
    if (chosen.length === 0)
      throw new SitefleetError({
        code: "build.undeclared",
        message: "no service declares a build",
        hint: "name one with --service",
      });
    // All are read before one is signed: what does not fit is told before a key is asked for.
    const read = [];
    for (const one of chosen) {
      const dir = resolve(estate.catalogDir, one.artifact);
      read.push({ service: one.key, dir, statement: await artifactStatement(dir, rulesOf(one)) });
    }
    const signed: SignedService[] = [];
    for (const { service, dir, statement } of read) {
      const signature = await signText(statement, key, ARTIFACT_NAMESPACE);
      const file = signaturePath(dir);
      writeDocument(file, signature);
      chmodSync(file, 0o644);
      signed.push({ service, file, key: readSignature(signature)?.key ?? "" });
    }
    return signed;
  },
  document: (signed) => ({ signed: [...signed] }),
});
