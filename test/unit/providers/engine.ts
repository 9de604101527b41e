import { Client, credentials } from "@grpc/grpc-js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import statusPb from "@pulumi/pulumi/proto/status_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import structPb from "google-protobuf/google/protobuf/struct_pb.js";
import { generatedService } from "../../../provider/framework/service.ts";
import type { ProviderDefinition, Served } from "../../../sandbox/providers/framework/index.ts";
import { serveProvider } from "../../../sandbox/providers/framework/index.ts";

type Json = Record<string, unknown>;
type Message = { serializeBinary(): Uint8Array };

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** A secret as the engine sends it. */
export const secret = (value: unknown): Json => ({ [SIGNATURE]: SECRET, value });
/** True for a secret as the engine gets it. */
export const isSecret = (value: unknown): boolean => (value as Json | undefined)?.[SIGNATURE] === SECRET;
/** A value with all secrets opened. */
export function reveal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== "object" || value === null) return value;
  if (isSecret(value)) return reveal((value as Json).value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reveal(item)]));
}

/** What a provider refused with: its text, and the resource that exists all the same. */
interface Refusal extends Error {
  readonly details: string;
  readonly partial?: { id: string; properties: Json; reasons: string[] };
}

const struct = (value: Json | undefined) =>
  value === undefined
    ? undefined
    : structPb.Struct.fromJavaScript(value as Parameters<typeof structPb.Struct.fromJavaScript>[0]);

/** The engine's side of the protocol, with Pulumi's own generated messages: a second implementation to hold ours against. */
export class TestEngine {
  readonly #client: Client;
  readonly #type: string;
  readonly served: Served | undefined;

  constructor(port: number, type = "", served?: Served) {
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    });
    this.#type = type;
    this.served = served;
  }

  /** Serves a provider, attaches to it and configures it. */
  static async start<C>(provider: ProviderDefinition<C>, type: string, config: Json = {}): Promise<TestEngine> {
    const served = await serveProvider(provider);
    const engine = new TestEngine(served.port, type, served);
    await engine.configure(config);
    return engine;
  }

  /** The same provider, configured as it was last, for another resource type. */
  for(type: string): TestEngine {
    return new TestEngine(this.served!.port, type);
  }

  get urn(): string {
    return urnOf(this.#type);
  }

  #call<Response>(method: string, request: Message): Promise<Response> {
    const definition = generatedService[method]!;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        definition.path,
        definition.requestSerialize as (value: Message) => Buffer,
        definition.responseDeserialize as (bytes: Buffer) => Response,
        request,
        (error, response) =>
          error === null ? resolve(response as Response) : reject(refusal(error as unknown as Refusal)),
      );
    });
  }

  configure(config: Json): Promise<unknown> {
    return this.#call("configure", new pb.ConfigureRequest().setArgs(struct(config)).setAcceptsecrets(true));
  }

  async check(news: Json, olds?: Json): Promise<{ inputs: Json; failures: { property: string; reason: string }[] }> {
    const request = new pb.CheckRequest()
      .setUrn(this.urn)
      .setNews(struct(news))
      .setOlds(struct(olds))
      .setRandomseed(new Uint8Array([1, 2, 3]));
    const response = await this.#call<InstanceType<typeof pb.CheckResponse>>("check", request);
    const failures = response
      .getFailuresList()
      .map((item) => ({ property: item.getProperty(), reason: item.getReason() }));
    return { inputs: (response.getInputs()?.toJavaScript() ?? {}) as Json, failures };
  }

  async diff(olds: Json, news: Json, options: { id?: string; ignoreChanges?: string[]; oldInputs?: Json } = {}) {
    const request = new pb.DiffRequest()
      .setUrn(this.urn)
      .setId(options.id ?? "id")
      .setOlds(struct(olds))
      .setNews(struct(news))
      .setOldInputs(struct(options.oldInputs));
    request.setIgnorechangesList(options.ignoreChanges ?? []);
    const response = await this.#call<InstanceType<typeof pb.DiffResponse>>("diff", request);
    const kinds = Object.entries(pb.PropertyDiff.Kind);
    return {
      changes: response.getChanges() === pb.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
      detailed: Object.fromEntries(
        response
          .getDetaileddiffMap()
          .getEntryList()
          .map(([path]) => {
            const kind = response.getDetaileddiffMap().get(path)!.getKind();
            return [path, kinds.find(([, value]) => value === kind)![0]];
          }),
      ) as Record<string, string>,
    };
  }

  async create(
    inputs: Json,
    options: { preview?: boolean; timeout?: number } = {},
  ): Promise<{ id: string; properties: Json }> {
    const request = new pb.CreateRequest()
      .setUrn(this.urn)
      .setProperties(struct(inputs))
      .setPreview(options.preview ?? false)
      .setTimeout(options.timeout ?? 0);
    const response = await this.#call<InstanceType<typeof pb.CreateResponse>>("create", request);
    return { id: response.getId(), properties: (response.getProperties()?.toJavaScript() ?? {}) as Json };
  }

  async read(id: string, state?: Json, inputs?: Json): Promise<{ id: string; properties: Json; inputs: Json }> {
    const request = new pb.ReadRequest()
      .setUrn(this.urn)
      .setId(id)
      .setProperties(struct(state))
      .setInputs(struct(inputs));
    const response = await this.#call<InstanceType<typeof pb.ReadResponse>>("read", request);
    return {
      id: response.getId(),
      properties: (response.getProperties()?.toJavaScript() ?? {}) as Json,
      inputs: (response.getInputs()?.toJavaScript() ?? {}) as Json,
    };
  }

  async update(
    id: string,
    olds: Json,
    news: Json,
    options: { preview?: boolean; ignoreChanges?: string[]; oldInputs?: Json } = {},
  ): Promise<Json> {
    const request = new pb.UpdateRequest().setUrn(this.urn).setId(id).setOlds(struct(olds)).setNews(struct(news));
    request.setOldInputs(struct(options.oldInputs));
    request.setPreview(options.preview ?? false).setIgnorechangesList(options.ignoreChanges ?? []);
    const response = await this.#call<InstanceType<typeof pb.UpdateResponse>>("update", request);
    return (response.getProperties()?.toJavaScript() ?? {}) as Json;
  }

  /** Tells the provider that the run is being stopped. */
  cancel(): Promise<unknown> {
    return this.#call("cancel", new emptyPb.Empty());
  }

  delete(id: string, state: Json): Promise<unknown> {
    return this.#call("delete", new pb.DeleteRequest().setUrn(this.urn).setId(id).setProperties(struct(state)));
  }

  async invoke(token: string, args: Json): Promise<{ result: Json; failures: string[] }> {
    const response = await this.#call<InstanceType<typeof pb.InvokeResponse>>(
      "invoke",
      new pb.InvokeRequest().setTok(token).setArgs(struct(args)),
    );
    return {
      result: (response.getReturn()?.toJavaScript() ?? {}) as Json,
      failures: response.getFailuresList().map((item) => item.getReason()),
    };
  }

  /** Calls a method that takes an empty or default request. */
  async schema(): Promise<Json> {
    const response = await this.#call<InstanceType<typeof pb.GetSchemaResponse>>(
      "getSchema",
      new pb.GetSchemaRequest(),
    );
    return JSON.parse(response.getSchema()) as Json;
  }

  async checkConfig(news: Json): Promise<string[]> {
    const response = await this.#call<InstanceType<typeof pb.CheckResponse>>(
      "checkConfig",
      new pb.CheckRequest().setNews(struct(news)),
    );
    return response.getFailuresList().map((item) => item.getReason());
  }

  async stop(): Promise<void> {
    this.#client.close();
    await this.served?.stop();
  }
}

const urnOf = (type: string): string => `urn:pulumi:dev::project::${type}::thing`;

function refusal(error: Refusal & { metadata?: { get(key: string): unknown[] } }): Refusal {
  const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (bytes === undefined) return error;
  const status = (
    statusPb.Status as unknown as {
      deserializeBinary(bytes: Uint8Array): { getDetailsList(): { getValue_asU8(): Uint8Array }[] };
    }
  ).deserializeBinary(new Uint8Array(bytes as Uint8Array));
  const detail = pb.ErrorResourceInitFailed.deserializeBinary(status.getDetailsList()[0]!.getValue_asU8());
  const partial = {
    id: detail.getId(),
    properties: detail.getProperties()!.toJavaScript() as Json,
    reasons: detail.getReasonsList(),
  };
  return Object.assign(error, { partial });
}
