import { SitefleetError } from "../../errors/index.ts";
import { EXIT } from "../exit-codes.ts";
import type { Probe } from "../remote/probe.ts";
import type { Session } from "../remote/session.ts";
import { rsyncTransport } from "./rsync.ts";
import { tarTransport } from "./tar.ts";
import type { Transport } from "./transport.ts";

/** Programs of which the host needs one, as in `Needs`. */
export const TRANSPORT_PROGRAMS = { "rsync|tar": "the upload" } as const;

/**
 * The best transport that the host has.
 *
 * @throws SitefleetError `plesk.unfit` when it has none.
 */
export function chooseTransport(probe: Probe, session: Session, timeoutMs: number): Transport {
  if (probe.tools.has("rsync")) return rsyncTransport(session, timeoutMs);
  if (probe.tools.has("tar")) return tarTransport(session, timeoutMs);
  throw new SitefleetError({
    code: "plesk.unfit",
    message: "the host has neither rsync nor tar",
    hint: "give the account a shell with one of them",
    exitCode: EXIT.unfit,
  });
}
