import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { writeDocument } from "../fleet/change-set/index.ts";
import { approvalText, parseApproval, parseRequest, requestText, signText } from "../fleet/gates/index.ts";
import { agentOf } from "../fleet/run/preflight/index.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** Private keys of OpenSSH, the ones on hardware first. */
const KEYS = ["id_ed25519_sk", "id_ecdsa_sk", "id_ed25519", "id_ecdsa", "id_rsa"];

/** A yes that was signed. */
export interface Approved {
  readonly digest: string;
  readonly estate: string;
  /** Where it was written. */
  readonly file: string;
  /** Signatures in the file, earlier ones included. */
  readonly signatures: number;
}

/** Signs a request. It needs nothing but the request: no catalog, no backend. Its caller has shown it to the person. */
export const approve = defineOperation({
  name: "approve",
  summary: "sign a request for an approval with an SSH key",
  changes: true,
  input: z.object({
    // Without a flag: the command line reads it from a file, an address or stdin.
    text: z.string().describe("the request"),
    key: flag(
      z.string().optional(),
      "--key <file>",
      "the SSH key to sign with; the .pub file of one that an agent or a hardware key holds (default: that of ~/.ssh)",
    ),
    out: flag(
      z.string().optional(),
      "--out <file>",
      "where the approval is written (default: approvals/DIGEST.yaml); signatures that are there stay",
    ),
  }),
  events: noEvents,
  output: z.object({ digest: z.string(), estate: z.string(), file: z.string(), signatures: z.int() }),
  async run({ text, key = defaultKey(), out }): Promise<Approved> {
    const agent = agentOf();
    if (agent !== undefined)
      throw new SitefleetError({
        code: "approval.agent",
        message: "an agent signs nothing: a person does, where no agent works",
        subject: agent,
      });
    const request = parseRequest(text, "request");
    const signed = requestText(request);
    const file = out ?? join("approvals", `${request.digest}.yaml`);
    // A second approver signs the same request.
    const before = existsSync(file) ? parseApproval(readFileSync(file, "utf8"), file) : undefined;
    const kept = before?.text === signed ? before.signatures : [];
    const signatures = [...kept, await signText(signed, key)];
    mkdirSync(dirname(file), { recursive: true });
    writeDocument(file, approvalText(signed, signatures));
    return { digest: request.digest, estate: request.estate, file, signatures: signatures.length };
  },
  document: (approved) => approved,
});

function defaultKey(): string {
  const dir = join(environment().HOME ?? "", ".ssh");
  const found = KEYS.map((name) => join(dir, name)).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new SitefleetError({
    code: "approval.sign",
    message: "there is no SSH key in ~/.ssh",
    hint: "name one with --key; ssh-keygen -t ed25519 makes one",
  });
}
