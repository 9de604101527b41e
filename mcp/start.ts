import type { Readable, Writable } from "node:stream";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { plainLine } from "../errors/plain.ts";
import { newRunId } from "../fleet/backend/journal/journal.ts";
import { stateDir } from "../fleet/backend/store/state-dir.ts";
import { ownStore, stateStore } from "../fleet/backend/store/state-store.ts";
import { loadCatalog } from "../model/index.ts";
import type { Estate } from "../operations/kit/estate.ts";
import { newToken, serveLocally } from "../operations/kit/loopback.ts";
import { withoutSecretsOf } from "../operations/kit/secrets.ts";
import { dnsVendors } from "../vendors/index.ts";
import { Audit } from "./audit.ts";
import { guardedEnvironment, refuseReadableKeys } from "./guard.ts";
import { httpHandler } from "./http.ts";
import { SessionBudget, type SessionLimits } from "./limits.ts";
import { type Session, serversOf } from "./server.ts";
import type { ToolSet } from "./sets.ts";

/** With what a person starts the server. */
export interface StartOptions {
  readonly set: ToolSet;
  readonly operations: boolean;
  readonly limits: SessionLimits;
  /** A name for what works here, for journals and approvers. @default `mcp` */
  readonly agent?: string | undefined;
  /** `owner/name`: proposals become pull requests there, with GITHUB_TOKEN. @default they stay branches */
  readonly pulls?: string | undefined;
}

/**
 * Opens a session on the estate of the current environment.
 *
 * @throws SitefleetError `catalog.invalid`, `approval.agent` and `mcp.key` where runs are allowed and no person could approve, or an approver's
 * key lies here
 */
export async function openSession(
  estate: Estate,
  { set, operations, limits, agent = "mcp", pulls }: StartOptions,
): Promise<Session> {
  const env = guardedEnvironment(environment(), plainLine(agent, 40) || "mcp");
  // Without runs it starts on a catalog with problems too: an agent can help to mend it.
  const { approvers = [] } = operations ? loadCatalog(estate.catalogDir, dnsVendors()) : {};
  if (operations && approvers.length === 0)
    throw new SitefleetError({
      code: "approval.agent",
      message: "runs are allowed, and no approver is declared whose signature could count",
      hint: "declare who may approve, in approvers.yaml",
    });
  if (operations) refuseReadableKeys(env.HOME ?? "", approvers);
  const dir = stateDir(env);
  const store = ownStore(dir, await stateStore());
  const audit = new Audit(dir, store, newRunId(), withoutSecretsOf(env));
  return {
    estate: { ...estate, env },
    agent: env.SITEFLEET_AGENT ?? "mcp",
    set,
    operations,
    budget: new SessionBudget(limits),
    audit,
    pulls: pulls === undefined ? undefined : pullsOf(pulls, env.GITHUB_TOKEN),
  };
}

function pullsOf(repository: string, token: string | undefined) {
  if (/^[\w.-]+\/[\w.-]+$/.test(repository) && token) return { repository, token };
  throw new SitefleetError({
    code: "usage",
    message: "pull requests need a repository as OWNER/NAME, and GITHUB_TOKEN",
    subject: plainLine(repository, 100),
    hint: "give the token write access to contents and pull requests of that repository alone",
  });
}

/**
 * Serves a session on stdin and stdout, until either of them ends, or a message is longer than 10 MiB. Nothing else may write to stdout.
 *
 * @param streams @default the process's own
 */
export async function serveOnStdio(
  session: Session,
  signal: AbortSignal,
  { stdin, stdout }: { stdin: Readable; stdout: Writable } = process,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const transport = new StdioServerTransport(stdin, stdout);
  const handle = serveStdio(serversOf(session), { transport });
  // It closes itself where stdout is gone, and from then on reads nothing: no end of stdin would be seen.
  const close = transport.onclose;
  transport.onclose = () => {
    close?.();
    resolve();
  };
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  await handle.close();
  await ended(session);
}

/** What is under way was told to end, and does so in order; only then its line of the audit is there. */
async function ended({ budget, audit }: Session): Promise<void> {
  await budget.idle();
  await audit.flush();
}

/** A server on this machine's own address. */
export interface Served {
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

/** Serves a session over HTTP on loopback. @param port 0: a free one @throws SitefleetError `mcp.port` */
export async function serveOnHttp(session: Session, port: number): Promise<Served> {
  const token = newToken();
  const handler = httpHandler(serversOf(session), token);
  const server = await serveLocally(handler.fetch, port, "mcp.port");
  return {
    url: `http://127.0.0.1:${server.port}/mcp`,
    token,
    close: () =>
      server.close(async () => {
        await handler.close();
        await ended(session);
      }),
  };
}
