import { createRequire } from "node:module";
import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as proto from "@pulumi/pulumi/proto/provider_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import type { Failure } from "./check.ts";
import { checkProperties } from "./check.ts";
import { withEnvironment } from "./config.ts";
import type { ProviderDefinition } from "./definition.ts";
import { failureList } from "./messages.ts";
import { secretStrings } from "./redact.ts";
import { resourceHandlers } from "./resource-handlers.ts";
import { schemaOf } from "./schema.ts";
import { Sessions } from "./sessions.ts";
import { signalOf, unary } from "./unary.ts";
import { decode, encode } from "./values.ts";

/** The gRPC service that the engine calls: Pulumi's generated code, which has no types. */
export const resourceProviderService = (
  createRequire(import.meta.url)("@pulumi/pulumi/proto/provider_grpc_pb.js") as {
    ResourceProviderService: ServiceDefinition;
  }
).ResourceProviderService;

/**
 * Turns a provider's definition into the handlers of {@link resourceProviderService}. They keep nothing but the
 * configuration of each engine's connection.
 */
export function implement<Client>(definition: ProviderDefinition<Client>): UntypedServiceImplementation {
  const sessions = new Sessions<Client>();
  let schema: string | undefined;

  const on = <Request>(handler: Parameters<typeof unary<Request>>[0]) =>
    unary<Request>(handler, () => [...sessions.secrets]);

  return {
    ...resourceHandlers(definition, sessions),

    handshake: on(() =>
      new pb.ProviderHandshakeResponse().setAcceptSecrets(true).setAcceptResources(true).setAcceptOutputs(true),
    ),
    getPluginInfo: on(() => new pluginPb.PluginInfo().setVersion(definition.version)),
    attach: on(() => new emptyPb.Empty()),
    // One process serves many engines, and Cancel does not say which one gave up: a call ends with its own connection.
    cancel: on(() => new emptyPb.Empty()),
    getMapping: on(() => new pb.GetMappingResponse()),
    getMappings: on(() => new pb.GetMappingsResponse()),
    getSchema: on(() => {
      schema ??= schemaOf(definition);
      return new pb.GetSchemaResponse().setSchema(schema);
    }),

    checkConfig: unary<proto.CheckRequest>(
      (request) => {
        const { props, secrets } = decode(request.getNews());
        const failures: Failure[] = [];
        const inputs = withEnvironment(definition.config, props);
        checkProperties(definition.config, inputs, failures);
        definition.checkConfig?.({ inputs, fail: (property, reason) => failures.push({ property, reason }) });
        // What came from the environment stays out of the state; Configure reads it again.
        const response = new pb.CheckResponse().setInputs(encode(props, definition.config, secrets));
        return response.setFailuresList(failureList(failures));
      },
      (request) => {
        const { props, secrets } = decode(request.getNews());
        return secretStrings(withEnvironment(definition.config, props), definition.config, secrets);
      },
    ),

    diffConfig: on<proto.DiffRequest>((request) => {
      const before = decode(request.getOldInputs() ?? request.getOlds()).props;
      const after = decode(request.getNews()).props;
      const changed = Object.keys(definition.config).filter(
        (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
      );
      const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
      return new pb.DiffResponse().setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE).setDiffsList(changed);
    }),

    configure: on<proto.ConfigureRequest>(async (request, call) => {
      const given = decode(request.getArgs());
      const config = withEnvironment(definition.config, given.props);
      sessions.addSecrets(secretStrings(config, definition.config, given.secrets));
      sessions.set(call.getPeer(), await definition.configure(config, signalOf(call)));
      return new pb.ConfigureResponse()
        .setAcceptsecrets(true)
        .setSupportspreview(true)
        .setAcceptresources(true)
        .setAcceptoutputs(true);
    }),

    invoke: on<proto.InvokeRequest>(async (request, call) => {
      const token = request.getTok();
      const fn = definition.functions[token];
      if (fn === undefined)
        throw new Error(`unrecognized function (${token}): not part of the ${definition.name} stand-in`);
      const { props } = decode(request.getArgs());
      const failures: Failure[] = [];
      checkProperties(fn.inputs, props, failures);
      if (failures.length > 0) return new pb.InvokeResponse().setFailuresList(failureList(failures));
      const client = sessions.get(call.getPeer());
      const result = await fn.invoke({ client, inputs: props, signal: signalOf(call) });
      return new pb.InvokeResponse().setReturn(encode(result, fn.outputs));
    }),
  };
}
