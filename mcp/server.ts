import { Server, type Tool } from "@modelcontextprotocol/server";
import { z } from "zod";
import { inEnvironment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import type { AgentCall } from "../fleet/events/calls.ts";
import { analyse } from "../operations/analyse.ts";
import type { Estate } from "../operations/kit/estate.ts";
import { failureOf } from "../operations/kit/failure.ts";
import { perform } from "../operations/kit/operation.ts";
import { withoutSecretsOf } from "../operations/kit/secrets.ts";
import { VERSION } from "../operations/kit/version.ts";
import type { Audit } from "./audit.ts";
import { callOperation, inputOf, Waits } from "./call.ts";
import { cleanData, cleanText, NOTICE } from "./clean.ts";
import { explain, explainInput } from "./explain.ts";
import type { SessionBudget } from "./limits.ts";
import { proposalInput, propose } from "./propose.ts";
import { openPull, type Pulls } from "./pull.ts";
import { listPrompts, listResources, readPrompt, readResource, TEMPLATES } from "./resources.ts";
import { EDITABLE, ROLES, type ToolSet } from "./sets.ts";
import { annotationsOf, TOOLS } from "./tools.ts";

/** What a session is started with. A client can change none of it. */
export interface Session {
  /** Its `env` is {@link guardedEnvironment}'s. */
  readonly estate: Estate & { readonly env: NodeJS.ProcessEnv };
  readonly agent: string;
  readonly set: ToolSet;
  /** Runs may be begun: what a person has signed. */
  readonly operations: boolean;
  readonly budget: SessionBudget;
  readonly audit: Audit;
  /** Where proposals become pull requests. @default they stay branches */
  readonly pulls?: Pulls | undefined;
}

/** A tool as it is offered. */
export interface Offered {
  readonly name: string;
  readonly summary: string;
  readonly kind: "read" | "ask" | "run";
  readonly annotations: ReturnType<typeof annotationsOf>;
  readonly input: z.ZodObject;
  call(input: Readonly<Record<string, unknown>>, session: Session, signal: AbortSignal): Promise<unknown>;
}

const INSTRUCTIONS = `You work on an estate of sites that is declared in a catalog. You read, propose changes of the catalog, and ask a person for approval; a person signs with an own key, and you cannot. ${NOTICE}`;

/** The tools of a role, in a fixed order. @param operations with those that begin runs */
export function toolsOf(set: ToolSet, operations: boolean): Offered[] {
  const made = TOOLS.filter(({ sets, kind }) => sets.includes(set) && (operations || kind !== "run")).map(
    (tool): Offered => {
      return {
        name: tool.name,
        summary: tool.operation.summary,
        kind: tool.kind,
        annotations: annotationsOf(tool),
        input: inputOf(tool),
        call: (input, { estate, budget }, signal) => callOperation(tool, input, { estate, signal, budget }),
      };
    },
  );
  const ask = { kind: "ask", name: "propose_change", open: false } as const;
  return [
    ...made,
    {
      name: "explain",
      summary: "say what an error's code or a rule means, by the reference",
      kind: "read",
      annotations: annotationsOf({ kind: "read", name: "explain", open: false }),
      input: explainInput,
      call: async (input) => ({ document: explain(input as z.output<typeof explainInput>), exitCode: 0 }),
    },
    {
      name: ask.name,
      summary: `put a change of the catalog on a branch of its own (agent/…), never on the one that is carried out, and analyse it; files: ${EDITABLE[set].join(", ")}`,
      kind: "ask",
      annotations: { ...annotationsOf(ask), idempotentHint: false },
      input: proposalInput(EDITABLE[set]),
      call: async (input, { estate, pulls }, signal) => {
        const proposal = await propose(estate.catalogDir, input as z.output<ReturnType<typeof proposalInput>>);
        const pull = pulls && (await openPull(estate.catalogDir, proposal, String(input.title), pulls, signal));
        const push = `${proposal.base}..${proposal.commit}`;
        const { document } = await perform(analyse, { push }, { estate, signal });
        const { text, risk, strategy, approvals, stopped } = document;
        return { document: { ...proposal, pull, analysis: { text, risk, strategy, approvals, stopped } }, exitCode: 0 };
      },
    },
  ];
}

const resultShape = z.object({
  notice: z.string().describe("how the data is to be read"),
  exitCode: z.int().describe("as the command line's: 0 done, others docs/reference/cli.md"),
  cut: z.int().describe("texts and lists that were cut short"),
  data: z.unknown().describe("as docs/schema/ describes it for the operation of this name"),
});
const json = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { io: "input", target: "draft-2020-12" }) as { type: "object" };
const OUTPUT = json(resultShape);

/** What makes the servers of a session: one for each connection, and for each request over HTTP, all alike. */
export function serversOf(session: Session): () => Server {
  const offered = toolsOf(session.set, session.operations);
  const tools = offered.map(({ name, summary, annotations, input }) => ({
    name,
    description: summary,
    inputSchema: json(input),
    outputSchema: OUTPUT,
    annotations: { title: name, ...annotations },
  }));
  return () => buildServer(session, offered, tools);
}

function buildServer(session: Session, offered: readonly Offered[], tools: readonly Tool[]): Server {
  const own = withoutSecretsOf(session.estate.env);
  const server = new Server(
    { name: "sitefleet", version: VERSION },
    { capabilities: { tools: {}, resources: {}, prompts: {} }, instructions: `${ROLES[session.set]}. ${INSTRUCTIONS}` },
  );
  /** Every call comes through here: it is counted, carried out in the session's environment, and written down before its answer leaves. */
  const carried = async <Result>(
    kind: AgentCall["kind"],
    what: string,
    said: unknown,
    work: () => Promise<Result>,
  ): Promise<Result> => {
    const started = performance.now();
    const note = (outcome: AgentCall["outcome"], code?: string) => {
      const milliseconds = Math.round(performance.now() - started);
      session.audit.note({ agent: session.agent, set: session.set, kind, what, outcome, code, milliseconds, said });
    };
    try {
      session.budget.call();
      const result = await session.budget.atOnce(() => inEnvironment({ ...session.estate.env }, work));
      note("done");
      return result;
    } catch (error) {
      const cause = error instanceof Waits ? error.cause : error;
      note(isRefusal(cause) ? "refused" : "failed", failureOf(cause).code);
      throw error;
    }
  };
  const through: typeof carried = (...call) => session.budget.begun(carried(...call));
  /** The same for what has no result of its own for an error: the protocol's error has one line, cleaned as every text. */
  const reads: typeof carried = (...call) =>
    through(...call).catch((error: unknown) => {
      const { code, message, subject, hint } = failureOf(error);
      throw new Error(cleanText([code, message, subject, hint].filter(Boolean).join(": "), own));
    });
  server.setRequestHandler("tools/list", async () => ({ tools: [...tools] }));
  server.setRequestHandler(
    "tools/call",
    async ({ params: { name, arguments: given = {} } }, { mcpReq: { signal } }) => {
      try {
        const called = await through("tool", name, given, async () => {
          const tool = offered.find((one) => one.name === name);
          if (tool === undefined) throw unknownTool(name, session);
          const input = tool.input.safeParse(given);
          if (!input.success) throw wrongInput(name, input.error);
          return tool.call(input.data, session, signal);
        });
        const { document, exitCode } = called as { document: unknown; exitCode: number };
        const content = { notice: NOTICE, exitCode, ...cleanData(document, own) };
        return { content: [{ type: "text" as const, text: JSON.stringify(content) }], structuredContent: content };
      } catch (error) {
        return failed(error, own);
      }
    },
  );
  server.setRequestHandler("resources/list", async () => ({ resources: listResources(session.estate) }));
  server.setRequestHandler("resources/templates/list", async () => ({ resourceTemplates: TEMPLATES }));
  server.setRequestHandler("resources/read", async ({ params: { uri } }) => {
    const { text, mimeType } = await reads("resource", uri, {}, () => readResource(uri, session.estate, own));
    return { contents: [{ uri, mimeType, text }] };
  });
  server.setRequestHandler("prompts/list", async () => ({ prompts: listPrompts() }));
  server.setRequestHandler("prompts/get", async ({ params: { name } }) => {
    const text = await reads("prompt", name, {}, async () => readPrompt(name, own));
    return { messages: [{ role: "user" as const, content: { type: "text" as const, text } }] };
  });
  return server;
}

/** Errors after which nothing was done. */
const isRefusal = (error: unknown): boolean =>
  error instanceof SitefleetError && /^(usage|mcp\.|approval\.|gate\.|preflight\.)/.test(error.code);

function failed(error: unknown, own: (text: string) => string) {
  const waiting = error instanceof Waits ? error.waiting : undefined;
  const { details = [], ...failure } = failureOf(error instanceof Waits ? error.cause : error);
  // The request is signed to the letter: its file has it, and a copy that was cleaned is worth nothing.
  const end = details.findIndex((line) => line.startsWith("request: "));
  const told = { ...failure, details: end < 0 ? details : details.slice(0, end), waiting };
  const content = { notice: NOTICE, exitCode: 1, ...cleanData({ error: told }, own) };
  return {
    isError: true,
    content: [{ type: "text" as const, text: JSON.stringify(content) }],
    structuredContent: content,
  };
}

function unknownTool(name: string, { set, operations }: Session): SitefleetError {
  const elsewhere = TOOLS.some((tool) => tool.name === name);
  return new SitefleetError({
    code: "mcp.scope",
    message: elsewhere
      ? `this session has no such tool: its role is ${set}${operations ? "" : ", and it begins no runs"}`
      : "there is no such tool",
    subject: name.slice(0, 60),
    hint: "a person decides with what the server is started: --tools, --allow-operations",
  });
}

function wrongInput(name: string, { issues }: z.ZodError): SitefleetError {
  return new SitefleetError({
    code: "usage",
    message: "the tool does not take this; nothing was done",
    subject: name,
    details: issues
      .slice(0, 10)
      .map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`)),
  });
}
