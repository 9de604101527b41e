import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import generated from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import type { Failure } from "./check.ts";
import { checkProperties } from "./check.ts";
import { withEnvironment } from "./config.ts";
import type { ProviderDefinition } from "./definition.ts";
import { secretStrings } from "./redact.ts";
import { resourceHandlers } from "./resource-handlers.ts";
import { schemaOf } from "./schema.ts";
import { Sessions } from "./sessions.ts";
import { cancelCalls, signalOf, unary } from "./unary.ts";
import type { ResourceRequest } from "./wire/requests.ts";
import { METHODS, readRequest } from "./wire/requests.ts";
import { checkResponse, diffConfigResponse } from "./wire/responses.ts";
import { decode, encode } from "./wire/struct.ts";

/** The gRPC service that the engine calls: Pulumi's generated code, which has no types. */
export const generatedService = (generated as unknown as { ResourceProviderService: ServiceDefinition })
  .ResourceProviderService;

/** The same, with the calls that carry properties read and written by our own, faster code. */
export const resourceProviderService: ServiceDefinition = {
  ...generatedService,
  ...Object.fromEntries(
    METHODS.map((method) => [
      method,
      {
        ...generatedService[method]!,
        requestDeserialize: (bytes: Buffer) => readRequest(method, bytes),
        responseSerialize: (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
      },
    ]),
  ),
};

/**
 * Turns a provider's definition into the handlers of {@link resourceProviderService}. They keep nothing but the
 * configuration of each engine's connection.
 */
export function implement<Client>(definition: ProviderDefinition<Client>): UntypedServiceImplementation {
  const sessions = new Sessions<Client>();
  let schema: string | undefined;

  const on = (handler: Parameters<typeof unary<ResourceRequest>>[0]) =>
    unary<ResourceRequest>(handler, ({ news, args }) => {
      const given = [news, args].flatMap((struct) => {
        const { props, secrets } = decode(struct);
        return secretStrings(withEnvironment(definition.config, props), definition.config, secrets);
      });
      return [...sessions.secrets, ...given];
    });

  return {
    ...resourceHandlers(definition, sessions),

    handshake: on(() =>
      new pb.ProviderHandshakeResponse().setAcceptSecrets(true).setAcceptResources(true).setAcceptOutputs(true),
    ),
    getPluginInfo: on(() => new pluginPb.PluginInfo().setVersion(definition.version)),
    attach: on(() => new emptyPb.Empty()),
    // One process serves many engines; whose calls are meant follows from the connection.
    cancel: on((_, call) => {
      if (definition.cancels) cancelCalls(call.getPeer());
      return new emptyPb.Empty();
    }),
    getMapping: on(() => new pb.GetMappingResponse()),
    getMappings: on(() => new pb.GetMappingsResponse()),
    getSchema: on(() => {
      schema ??= schemaOf(definition);
      return new pb.GetSchemaResponse().setSchema(schema);
    }),

    checkConfig: on(({ news }) => {
      const { props, secrets } = decode(news);
      const failures: Failure[] = [];
      const inputs = withEnvironment(definition.config, props);
      checkProperties(definition.config, inputs, failures);
      definition.checkConfig?.({ inputs, fail: (property, reason) => failures.push({ property, reason }) });
      // What came from the environment stays out of the state; Configure reads it again.
      return checkResponse(encode(props, definition.config, secrets), failures);
    }),

    diffConfig: on(({ oldInputs, olds, news }) => {
      const before = decode(oldInputs ?? olds).props;
      const after = decode(news).props;
      const differs = (key: string): boolean => JSON.stringify(before[key]) !== JSON.stringify(after[key]);
      return diffConfigResponse(Object.keys(definition.config).filter(differs));
    }),

    configure: on(async ({ args }, call) => {
      const given = decode(args);
      const config = withEnvironment(definition.config, given.props);
      sessions.addSecrets(secretStrings(config, definition.config, given.secrets));
      sessions.set(call.getPeer(), await definition.configure(config, signalOf(call)));
      return new pb.ConfigureResponse()
        .setAcceptsecrets(true)
        .setSupportspreview(true)
        .setAcceptresources(true)
        .setAcceptoutputs(true)
        .serializeBinary();
    }),

    invoke: on(async ({ token, args }, call) => {
      const fn = definition.functions[token];
      if (fn === undefined) {
        throw new Error(`unrecognized function (${token}): not part of this provider ${definition.name}`);
      }
      const { props } = decode(args);
      const failures: Failure[] = [];
      checkProperties(fn.inputs, props, failures);
      if (failures.length > 0) return checkResponse(undefined, failures);
      const client = sessions.get(call.getPeer());
      const result = await fn.invoke({ client, inputs: props, signal: signalOf(call) });
      return checkResponse(encode(result, fn.outputs), []);
    }),
  };
}
