import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isScalar, parseDocument, visit } from "yaml";
import { isStackUrn } from "../../../provider/framework/urn.ts";
import { inServiceForm, isClosedWith, secretsAnswers, serviceProvider } from "../secrets/service-form.ts";
import type { StackKey } from "../secrets/stack-key.ts";
import { readIn } from "../store/copy-place.ts";
import { placesOf } from "../store/project.ts";
import { described, on, readingRoutes, STACK_PATH, UPDATE_PATH } from "./reading.ts";
import { serveLoopback } from "./server.ts";
import { exported } from "./state-text.ts";

/** What a preview's service is made of. */
export interface PreviewOptions {
  /** Directory with the engine's states; nothing is written there. */
  readonly dir: string;
  /** The stack that is previewed. Of others only their outputs are answered. */
  readonly stack: string;
  readonly key: StackKey;
  /** The configuration file of all stacks, absolute. */
  readonly configFile: string;
  /** A directory of the preview's own, for this user alone; the caller removes it. */
  readonly folder: string;
}

/** The engine's service for one preview. */
export interface PreviewService {
  /** What of the environment has the engine use it. */
  readonly env: Readonly<Record<string, string>>;
  /** The configuration file that the engine is to read. */
  readonly configFile: string;
  close(): Promise<void>;
}

/** What of a configuration file says how secrets are closed: of the engine's copy the service does. */
const ENCRYPTION_KEYS = new Set(["secretsprovider", "encryptedkey", "encryptionsalt"]);

/**
 * Serves the states in a directory to one preview. The run has made the key of the secrets once, and opens and closes them for the engine,
 * which would make it anew: a quarter of a second of a processor for each stack.
 */
export async function servePreview({ dir, stack, key, configFile, folder }: PreviewOptions): Promise<PreviewService> {
  let url = "";
  const known = new Map<string, ReturnType<typeof exported> | undefined>();
  const exportOf = (name: string) => {
    if (!known.has(name)) {
      const text = readIn(dir, placesOf(name).state);
      const state = text === undefined ? undefined : name === stack ? exported(text) : outputsIn(name, text);
      known.set(name, state && forService(name, state, key, url));
    }
    return known.get(name);
  };
  const answers = Object.entries(secretsAnswers(key)) as [string, (body: never) => unknown][];
  const server = await serveLoopback(
    [
      ...readingRoutes(exportOf, ["begin-update", "batch-encrypt"]),
      ...answers.map(([name, answer]) => on("POST", `${STACK_PATH}/${name}`, ({ body }) => answer(body as never))),
      on("POST", `${STACK_PATH}/begin-update`, ({ names: [name = ""] }) => {
        if (name !== stack) throw new Error(`the preview is one of ${stack}, not of ${name}`);
        const begun = { version: 1, token: server.token, updateID: randomUUID() };
        return { ...begun, deployment: exportOf(name), stack: described(name) };
      }),
      // The run has the events from the engine's log.
      { ...on("POST", `${UPDATE_PATH}/(?:events/batch|complete)`, () => ({})), unread: true },
      on("POST", `${UPDATE_PATH}/renew_lease`, () => ({ token: server.token })),
    ],
    // The engine says what it could not do.
    () => {},
  );
  url = server.url;
  const login = join(folder, "login");
  mkdirSync(login, { mode: 0o700 });
  const copy = join(folder, "config.yaml");
  writeFileSync(copy, withoutKey(readFileSync(configFile, "utf8")), { mode: 0o600 });
  return {
    env: { PULUMI_BACKEND_URL: url, PULUMI_ACCESS_TOKEN: server.token, PULUMI_CREDENTIALS_PATH: login },
    configFile: copy,
    close: server.close,
  };
}

/** States that were read for their outputs, by stack: all cells of a run read those of the shared one. */
const referred = new Map<string, { readonly text: string; readonly state: ReturnType<typeof exported> }>();

/** Of another stack's state what a reference to it reads: the stack itself, with its outputs. @param text of the state's file */
function outputsIn(stack: string, text: string): ReturnType<typeof exported> {
  const before = referred.get(stack);
  if (before?.text === text) return before.state;
  const { deployment, ...rest } = exported(text);
  const resources = deployment?.resources?.filter(({ urn, parent }) => isStackUrn(urn) && !parent);
  const state = { ...rest, deployment: deployment && { ...deployment, resources, pending_operations: [] } };
  referred.set(stack, { text, state });
  return state;
}

/** A state with its secrets as the service closes them; one that another key closed stays as it is, and the engine opens it. */
function forService(stack: string, state: ReturnType<typeof exported>, key: StackKey, url: string) {
  const { deployment } = state;
  if (deployment === null || !isClosedWith(deployment.secrets_providers, key)) return state;
  const secrets = { secrets_providers: serviceProvider(stack, url) };
  return { ...state, deployment: { ...(inServiceForm(deployment) as typeof deployment), ...secrets } };
}

/** The configuration file that was read last, which all stacks of a run have. */
let configured: { readonly text: string; readonly left: string } | undefined;

/** A configuration file that leaves its secrets to the service; all else stays to the letter. */
function withoutKey(text: string): string {
  if (configured?.text === text) return configured.left;
  const edits: { readonly from: number; readonly to: number; readonly by: string }[] = [];
  visit(parseDocument(text), {
    Pair(_, { key, value }) {
      if (!isScalar(key) || !isScalar(value) || !value.range || typeof value.value !== "string") return;
      const [from, to] = value.range;
      // The engine takes an empty one for none.
      if (ENCRYPTION_KEYS.has(String(key.value))) edits.push({ from, to, by: '""' });
      else if (key.value === "secure")
        edits.push({ from, to, by: Buffer.from(value.value, "utf8").toString("base64") });
    },
  });
  const left = edits.reduceRight((all, { from, to, by }) => all.slice(0, from) + by + all.slice(to), text);
  configured = { text, left };
  return left;
}
