import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type * as proto from "@pulumi/pulumi/proto/provider_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { ProviderDefinition, ResourceCall, ResourceDefinition } from "./definition.ts";
import { isNotFound, PartialFailure } from "./errors.ts";
import { diffResponse, failureList } from "./messages.ts";
import { inputsOf, known, merge, plan } from "./plan.ts";
import type { Props } from "./properties.ts";
import { secretStrings } from "./redact.ts";
import { InitFailed } from "./rejection.ts";
import { checkResource, diffResource, previewCreate, previewUpdate, resourceOf, topLevel, typeOf } from "./resource.ts";
import type { Sessions } from "./sessions.ts";
import type { Call } from "./unary.ts";
import { signalOf, unary } from "./unary.ts";
import { decode, encode } from "./values.ts";

type AnyRequest = { getUrn(): string; getTimeout?(): number };

/** The handlers of the calls about resources: Check, Diff, Create, Read, Update, Delete. */
export function resourceHandlers<Client>(
  definition: ProviderDefinition<Client>,
  sessions: Sessions<Client>,
): UntypedServiceImplementation {
  const find = (request: AnyRequest) => resourceOf(definition, request.getUrn());

  const context = (request: AnyRequest, call: Call<never>, name: string): ResourceCall<Client> => ({
    client: sessions.get(call.getPeer()),
    urn: request.getUrn(),
    name,
    signal: signalOf(call as Call<unknown>, request.getTimeout?.()),
  });

  const on = <Request extends AnyRequest>(
    handler: (request: Request, call: Call<never>) => unknown,
    structs: (request: Request) => (Struct | undefined)[],
  ) =>
    unary<Request>(handler as (request: Request, call: Call<Request>) => unknown, (request) => [
      ...sessions.secrets,
      ...structs(request).flatMap((struct) => {
        const { props, secrets } = decode(struct);
        return secretStrings(props, definition.resources[typeOf(request.getUrn())]?.properties, secrets);
      }),
    ]);

  return {
    check: on<proto.CheckRequest>(
      async (request, call) => {
        const { resource, name } = find(request);
        const news = decode(request.getNews());
        const failures = await checkResource(resource, {
          client: sessions.find(call.getPeer()),
          urn: request.getUrn(),
          name,
          inputs: news.props,
          olds: request.hasOlds() ? decode(request.getOlds()).props : undefined,
          randomSeed: request.getRandomseed_asU8(),
        });
        const response = new pb.CheckResponse().setInputs(encode(news.props, resource.properties, news.secrets));
        return failures.length === 0 ? response : response.setFailuresList(failureList(failures));
      },
      (request) => [request.getNews()],
    ),

    diff: on<proto.DiffRequest>(
      (request) =>
        diffResponse(
          diffResource(find(request).resource, {
            id: request.getId(),
            state: decode(request.getOlds()).props,
            inputs: decode(request.getNews()).props,
            ignoreChanges: request.getIgnorechangesList(),
          }),
        ),
      (request) => [request.getOlds(), request.getNews()],
    ),

    create: on<proto.CreateRequest>(
      async (request, call) => {
        const { resource, name } = find(request);
        const { properties } = resource;
        const given = decode(request.getProperties());
        if (request.getPreview()) {
          const planned = previewCreate(resource, given.props);
          return new pb.CreateResponse().setProperties(encode(planned, properties, given.secrets));
        }
        const planned = plan(properties, given.props);
        const wrap = (outputs: Props) => encode(merge(properties, outputs, planned), properties, given.secrets);
        const create = () => resource.create({ ...context(request, call, name), inputs: known(planned, properties) });
        const made = await keepingPartial(create, wrap, request.getProperties());
        return new pb.CreateResponse().setId(made.id).setProperties(wrap(made.outputs));
      },
      (request) => [request.getProperties()],
    ),

    read: on<proto.ReadRequest>(
      async (request, call) => {
        const { resource, name } = find(request);
        const id = request.getId();
        const state = decode(request.getProperties());
        const inputs = decode(request.getInputs());
        const importing = !request.hasInputs() || Object.keys(state.props).length === 0;
        if (resource.read === undefined) {
          if (importing) throw new Error(`this resource cannot be imported (id ${id})`);
          const kept = new pb.ReadResponse().setId(id).setInputs(request.getInputs());
          return kept.setProperties(request.getProperties());
        }
        const found = await resource
          .read({ ...context(request, call, name), id, state: state.props, inputs: inputs.props, importing })
          .catch(undefinedIfGone);
        if (found === undefined) return new pb.ReadResponse();
        const outputs = merge(resource.properties, found.outputs, {});
        const readInputs = found.inputs ?? inputsOf(resource.properties, outputs, importing ? undefined : inputs.props);
        return new pb.ReadResponse()
          .setId(found.id)
          .setProperties(encode(outputs, resource.properties, state.secrets))
          .setInputs(encode(readInputs, resource.properties, inputs.secrets));
      },
      (request) => [request.getProperties(), request.getInputs()],
    ),

    update: on<proto.UpdateRequest>(
      async (request, call) => {
        const { resource, name } = find(request);
        const { properties } = resource;
        const id = request.getId();
        const state = decode(request.getOlds()).props;
        const given = decode(request.getNews());
        const ignoreChanges = request.getIgnorechangesList();
        const reply = (outputs: Props) => encode(outputs, properties, given.secrets);
        if (request.getPreview()) {
          const planned = previewUpdate(resource, state, given.props, ignoreChanges);
          return new pb.UpdateResponse().setProperties(reply(planned));
        }
        if (resource.update === undefined) throw new Error("this resource cannot be updated in place");
        const planned = plan(properties, given.props, state, new Set(ignoreChanges.map(topLevel)));
        const wrap = (outputs: Props) => reply(merge(properties, outputs, planned));
        const { differences } = diffResource(resource, { id, state, inputs: given.props, ignoreChanges });
        const changed = new Set(differences.map((item) => topLevel(item.path)));
        const call_ = { ...context(request, call, name), id, inputs: known(planned, properties), state, changed };
        const update = async () => ({ id, outputs: await resource.update!(call_) });
        const made = await keepingPartial(update, wrap, request.getNews());
        return new pb.UpdateResponse().setProperties(wrap(made.outputs));
      },
      (request) => [request.getOlds(), request.getNews()],
    ),

    delete: on<proto.DeleteRequest>(
      async (request, call) => {
        const { resource, name } = find(request);
        const state = decode(request.getProperties()).props;
        await resource.delete?.({ ...context(request, call, name), id: request.getId(), state }).catch(undefinedIfGone);
        return new emptyPb.Empty();
      },
      (request) => [request.getProperties()],
    ),
  };
}

function undefinedIfGone(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}

type Made = Awaited<ReturnType<ResourceDefinition<never>["create"]>>;

// A partial failure carries state, which must be encoded like any other.
async function keepingPartial(
  run: () => Promise<Made>,
  wrap: (outputs: Props) => Struct,
  inputs: Struct | undefined,
): Promise<Made> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof PartialFailure)) throw error;
    throw new InitFailed(error.id, wrap(error.outputs), inputs, error.reasons);
  }
}
