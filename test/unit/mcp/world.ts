import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, InMemoryTransport, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { directoryStore } from "../../../fleet/backend/store/directory-store.ts";
import { agentCall } from "../../../fleet/events/calls.ts";
import { Audit } from "../../../mcp/audit.ts";
import { guardedEnvironment } from "../../../mcp/guard.ts";
import { httpHandler } from "../../../mcp/http.ts";
import { DEFAULT_LIMITS, SessionBudget, type SessionLimits } from "../../../mcp/limits.ts";
import { type Session, serversOf } from "../../../mcp/server.ts";
import type { ToolSet } from "../../../mcp/sets.ts";
import { withoutSecretsOf } from "../../../operations/kit/secrets.ts";

const BASE = join(process.cwd(), "test/unit/operations/analyse/base");
const TOKEN = "the-token-of-this-start";

/** What a tool's call came to. */
export interface Told {
  readonly isError: boolean;
  /** All of it as text, as a model sees it. */
  readonly text: string;
  readonly data: Record<string, unknown>;
}

/** A small estate in a git repository of its own, and sessions on it. */
export class World {
  readonly dir = mkdtempSync(join(tmpdir(), "mcp-"));
  readonly repository = join(this.dir, "estate");
  readonly catalog = join(this.repository, "catalog");
  readonly state = join(this.dir, "state");
  #sessions = 0;

  constructor() {
    cpSync(BASE, this.repository, { recursive: true });
    mkdirSync(this.state);
    this.git("init", "-q", "-b", "main");
    this.commit("base");
  }

  git(...args: string[]): string {
    const who = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
    return execFileSync("git", [...who, ...args], { cwd: this.repository, encoding: "utf8", stdio: "pipe" }).trim();
  }

  commit(message: string): string {
    this.git("add", "--all");
    this.git("commit", "-q", "-m", message);
    return this.git("rev-parse", "HEAD");
  }

  session(
    options: {
      set?: ToolSet;
      operations?: boolean;
      limits?: Partial<SessionLimits>;
      env?: NodeJS.ProcessEnv;
      now?: () => number;
    } = {},
  ): Session {
    const given = { PATH: process.env.PATH, HOME: this.dir, SITEFLEET_STATE_DIR: this.state, ...options.env };
    const env = guardedEnvironment(given, "tester");
    const { now } = options;
    this.#sessions += 1;
    return {
      estate: { catalogDir: this.catalog, configFile: join(process.cwd(), "Pulumi.prod.yaml"), env },
      agent: "tester",
      set: options.set ?? "orchestrator",
      operations: options.operations ?? false,
      budget: new SessionBudget({ ...DEFAULT_LIMITS, perMinute: 1e6, ...options.limits }, now),
      audit: new Audit(
        this.state,
        directoryStore(this.state),
        `session-${String(this.#sessions).padStart(3, "0")}`,
        withoutSecretsOf(env),
      ),
    };
  }

  /** Everything that the audits of all sessions hold, in order. */
  audited() {
    const dir = join(this.state, "agents/local");
    return readdirSync(dir)
      .sort()
      .flatMap((name) => readFileSync(join(dir, name), "utf8").trim().split("\n"))
      .filter(Boolean)
      .map((line) => agentCall.parse(JSON.parse(line)));
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A client of a session, in-process. @param mode which protocol it speaks */
export async function connect(session: Session, mode: "legacy" | "auto" = "auto"): Promise<Agent> {
  const handler = httpHandler(serversOf(session), TOKEN);
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  const transport = new StreamableHTTPClientTransport(new URL("http://127.0.0.1/mcp"), {
    fetch: (url, init) => handler.fetch(new Request(url, withHost(init))),
    requestInit: { headers: { authorization: `Bearer ${TOKEN}` } },
  });
  await client.connect(transport);
  return new Agent(client);
}

/** The same over a connection that stays, as stdio's does. */
export async function connectOnce(session: Session): Promise<Agent> {
  const [near, far] = InMemoryTransport.createLinkedPair();
  await serversOf(session)().connect(far);
  const client = new Client({ name: "test", version: "1" });
  await client.connect(near);
  return new Agent(client);
}

const withHost = (init: RequestInit = {}): RequestInit => {
  const headers = new Headers(init.headers);
  headers.set("host", "127.0.0.1");
  return { ...init, headers };
};

/** An agent that calls tools. */
export class Agent {
  readonly client: Client;
  constructor(client: Client) {
    this.client = client;
  }

  async call(name: string, given: Record<string, unknown> = {}): Promise<Told> {
    const result = await this.client.callTool({ name, arguments: given });
    const text = JSON.stringify(result);
    const { data } = (result.structuredContent ?? {}) as { data?: Record<string, unknown> };
    return { isError: result.isError === true, text, data: data ?? {} };
  }

  /** The code of the error that a call comes to; empty when it is done. */
  async refusal(name: string, given: Record<string, unknown> = {}): Promise<string> {
    const { isError, data } = await this.call(name, given);
    return isError ? String((data.error as { code?: string } | undefined)?.code) : "";
  }
}
