import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import {
  Client,
  credentials,
  type handleUnaryCall,
  type Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import { programOnPath } from "../../../environment/programs.ts";
import { SitefleetError } from "../../../errors/index.ts";
import { generatedService } from "../../../provider/framework/service.ts";
import { PROJECT_ROOT } from "../../../stacks/root.ts";
import { VENDORS } from "../../../vendors/index.ts";
import { pluginFolder } from "../engine-home.ts";
import { type Adopted, createByReading } from "./create.ts";

/** Plain bytes on both sides: what is not looked at goes through as it is. */
const UNLIMITED = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc.max_concurrent_streams": 2 ** 31 - 1,
};
const same = (bytes: Buffer): Buffer => bytes;
/** Longest wait for a plugin to say its port, ms. */
const START_MS = 30_000;
/** What a provider is never asked in an adoption. */
const REFUSED: ReadonlySet<string> = new Set(["Update", "Delete", "Construct", "Call"]);

const UNCHANGED = Buffer.from(
  new pb.DiffResponse().setChanges(pb.DiffResponse.DiffChanges.DIFF_NONE).serializeBinary(),
);

type Answer = (error: ServiceError | null, bytes?: Buffer) => void;
/** Passes a call on. */
type PassOn = (method: string, request: Buffer) => Promise<Buffer>;

/** Providers that stand before the real ones. */
export interface AdoptionProviders {
  /** For the engine: attaches them. */
  readonly env: { readonly PULUMI_DEBUG_PROVIDERS: string };
  close(): Promise<void>;
}

/**
 * Stands before every provider of one engine's run. What reads is passed on. A create becomes a read: the object that is adopted under
 * the resource's URN is read by the real provider, and the engine takes it as made. So the state is what an update of ours would
 * have left, and no vendor hears of a write: creates of anything else, updates and deletes are refused here.
 *
 * @param adopted by URN
 * @param env of the engine: names providers that are attached already
 */
export async function adoptionProviders(
  adopted: ReadonlyMap<string, Adopted>,
  env: NodeJS.ProcessEnv,
): Promise<AdoptionProviders> {
  const attached = new Map(
    (env.PULUMI_DEBUG_PROVIDERS ?? "").split(",").map((one) => one.split(":") as [string, string]),
  );
  const names = VENDORS.flatMap(({ providers }) => Object.keys(providers));
  const made = await Promise.all(names.map((name) => serve(new Behind(name, attached.get(name), env), adopted)));
  return {
    env: { PULUMI_DEBUG_PROVIDERS: made.map(({ name, port }) => `${name}:${port}`).join(",") },
    async close() {
      for (const { close } of made) close();
    },
  };
}

async function serve(behind: Behind, adopted: ReadonlyMap<string, Adopted>) {
  const server = new Server(UNLIMITED);
  const service: Record<string, ServiceDefinition[string]> = {};
  const handlers: Record<string, handleUnaryCall<Buffer, Buffer>> = {};
  for (const [key, definition] of Object.entries(generatedService)) {
    if (definition.requestStream || definition.responseStream) continue;
    const bytes = {
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    service[key] = { ...definition, ...bytes };
    const method = definition.path.slice(definition.path.lastIndexOf("/") + 1);
    handlers[key] = ({ request }, callback) =>
      void answer(behind, adopted, method, request).then(
        (reply) => callback(null, reply),
        (error: unknown) => callback(rejection(error)),
      );
  }
  server.addService(service, handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    name: behind.name,
    port,
    close() {
      server.forceShutdown();
      behind.close();
    },
  };
}

async function answer(
  behind: Behind,
  adopted: ReadonlyMap<string, Adopted>,
  method: string,
  request: Buffer,
): Promise<Buffer> {
  if (REFUSED.has(method)) {
    throw new SitefleetError({
      code: "adopt.read-only",
      message: `the provider ${behind.name} was asked for ${method}`,
      hint: "report this: an adoption only reads",
    });
  }
  if (method === "Attach" || method === "Handshake") return behind.begin(method, request);
  // What was taken before, in this run or an earlier one, stays as it was taken: where it differs is for a preview to show.
  if (method === "Diff") return UNCHANGED;
  const passOn: PassOn = (name, bytes) => behind.call(name, bytes);
  return method === "Create" ? createByReading(request, adopted, passOn) : passOn(method, request);
}

function rejection(error: unknown): Partial<ServiceError> {
  const { code, details, metadata } = error as { code?: unknown; details?: string; metadata?: Metadata };
  if (typeof code === "number") return { code, details, metadata };
  const known = error instanceof SitefleetError ? `${error.code}: ${error.message}` : String((error as Error).message);
  return { code: status.UNKNOWN, details: known };
}

/** The real provider: attached already, or a plugin that is started as the engine would start it. */
class Behind {
  readonly name: string;
  readonly #env: NodeJS.ProcessEnv;
  #client: Promise<Client> | undefined;
  #child: ChildProcess | undefined;

  constructor(name: string, port: string | undefined, env: NodeJS.ProcessEnv) {
    this.name = name;
    this.#env = env;
    if (port !== undefined) this.#client = Promise.resolve(connect(port));
  }

  /** The engine's first call: says where it is, which a plugin is started with. */
  async begin(method: string, request: Buffer): Promise<Buffer> {
    // Both messages have the engine's address as their first field.
    this.#client ??= this.#start(firstText(request));
    return this.call(method, request);
  }

  async call(method: string, request: Buffer): Promise<Buffer> {
    const client = await this.#client;
    if (client === undefined) throw new Error(`the provider ${this.name} was called before it was attached`);
    return new Promise((resolve, reject) => {
      const done: Answer = (error, bytes) => (error ? reject(error) : resolve(bytes ?? Buffer.alloc(0)));
      client.makeUnaryRequest(`/pulumirpc.ResourceProvider/${method}`, same, same, request, done);
    });
  }

  close(): void {
    void this.#client?.then((client) => client.close()).catch(() => {});
    this.#child?.kill();
  }

  async #start(engine: string): Promise<Client> {
    const child = spawn(pluginOf(this.name, this.#env), [engine], {
      cwd: PROJECT_ROOT,
      env: this.#env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    this.#child = child;
    const port = await new Promise<string>((resolve, reject) => {
      let said = "";
      const failed = (why: string) =>
        reject(new SitefleetError({ code: "provider.start", message: `the provider ${this.name} ${why}` }));
      const timer = setTimeout(() => failed(`did not start within ${START_MS / 1000} s`), START_MS);
      child.once("error", (error) => failed(`could not be started: ${error.message}`));
      child.once("exit", () => failed("ended at once"));
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const found = /^(\d+)\s/.exec(said);
        if (found === null) return;
        clearTimeout(timer);
        resolve(found[1] as string);
      });
    });
    return connect(port);
  }
}

const connect = (port: string) => new Client(`127.0.0.1:${port}`, credentials.createInsecure(), UNLIMITED);

/** The first field of a message where that is a text; empty when it is none. Pure. */
function firstText(message: Buffer): string {
  const length = message[0] === 0x0a ? (message[1] ?? 0) : 0;
  return message.subarray(2, 2 + length).toString("utf8");
}

/** Where a provider's plugin is: on PATH, or where the engine keeps what it has downloaded, the newest. @throws SitefleetError `provider.start` */
function pluginOf(name: string, env: NodeJS.ProcessEnv): string {
  const program = `pulumi-resource-${name}`;
  const found = programOnPath(program, `${env.PATH ?? ""}${delimiter}${join(PROJECT_ROOT, "provider", "bin")}`);
  if (found !== undefined) return found;
  const folder = pluginFolder(env);
  const kept = existsSync(folder) ? readdirSync(folder).filter((one) => one.startsWith(`resource-${name}-v`)) : [];
  const newest = kept.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  if (newest !== undefined) return join(folder, newest, program);
  throw new SitefleetError({
    code: "provider.start",
    message: `the provider plugin ${name} is not installed`,
    hint: `pulumi plugin install resource ${name}`,
  });
}
