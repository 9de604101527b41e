import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { ProviderDefinition, ResourceCall } from "./definition.ts";
import { isNotFound, PartialFailure } from "./errors.ts";
import { inputsOf, known, merge, plan } from "./plan.ts";
import type { Properties, Props } from "./properties.ts";
import { secretStrings } from "./redact.ts";
import { InitFailed } from "./rejection.ts";
import { checkResource, diffResource, planUpdate, previewCreate, resourceOf, topLevel } from "./resource.ts";
import type { Sessions } from "./sessions.ts";
import type { Call } from "./unary.ts";
import { signalOf, unary } from "./unary.ts";
import { typeOfUrn } from "./urn.ts";
import { UNKNOWN } from "./values.ts";
import type { Packed, ResourceRequest } from "./wire/requests.ts";
import { checkResponse, diffResponse, EMPTY_MESSAGE, stateResponse, updateResponse } from "./wire/responses.ts";
import { decode, encode } from "./wire/struct.ts";

type Handler<Client> = (
  request: ResourceRequest,
  found: ReturnType<typeof resourceOf<Client>>,
  context: () => ResourceCall<Client>,
  call: Call<ResourceRequest>,
) => Uint8Array | Promise<Uint8Array>;

/** The handlers of the calls about resources: Check, Diff, Create, Read, Update, Delete. */
export function resourceHandlers<Client>(
  definition: ProviderDefinition<Client>,
  sessions: Sessions<Client>,
): UntypedServiceImplementation {
  // What an error's text is searched for: every secret of the request's structs and of the configurations.
  const secretsOf = (request: ResourceRequest): string[] => {
    const properties = definition.resources[typeOfUrn(request.urn)]?.properties;
    const structs = [request.properties, request.olds, request.news, request.inputs];
    const found = structs.flatMap((struct) => {
      const { props, secrets } = decode(struct);
      return secretStrings(props, properties, secrets);
    });
    return [...sessions.secrets, ...found];
  };

  const on = (handler: Handler<Client>) =>
    unary<ResourceRequest>((request, call) => {
      const found = resourceOf(definition, request.urn);
      const context = (): ResourceCall<Client> => ({
        client: sessions.get(call.getPeer()),
        urn: request.urn,
        name: found.name,
        signal: signalOf(call, request.timeout),
      });
      return handler(request, found, context, call);
    }, secretsOf);

  return {
    check: on(async (request, { resource, name }, _context, call) => {
      const news = decode(request.news);
      const failures = await checkResource(resource, {
        client: sessions.find(call.getPeer()),
        urn: request.urn,
        name,
        inputs: news.props,
        olds: request.olds === undefined ? undefined : decode(request.olds).props,
        randomSeed: request.randomSeed,
      });
      return checkResponse(encode(news.props, resource.properties, news.secrets, "inputs"), failures);
    }),

    diff: on((request, { resource }) => {
      const { id, ignoreChanges } = request;
      const state = stateBefore(request, resource.properties);
      return diffResponse(diffResource(resource, { id, state, inputs: decode(request.news).props, ignoreChanges }));
    }),

    create: on(async (request, { resource }, context) => {
      const { properties } = resource;
      const given = decode(request.properties);
      if (request.preview) {
        return stateResponse("", encode(previewCreate(resource, given.props), properties, given.secrets));
      }
      const planned = plan(properties, given.props);
      const wrap = (outputs: Props) => encode(merge(properties, outputs, planned), properties, given.secrets);
      const create = resource.create({ ...context(), inputs: known(planned, properties) });
      const made = await keepingPartial(create, wrap, request.properties);
      return stateResponse(made.id, wrap(made.outputs));
    }),

    read: on(async (request, { resource }, context) => {
      const { id } = request;
      const { properties } = resource;
      const state = decode(request.properties);
      const inputs = decode(request.inputs);
      const importing = request.inputs === undefined || Object.keys(state.props).length === 0;
      if (resource.read === undefined) {
        if (importing) throw new Error(`this resource cannot be imported (id ${id})`);
        return stateResponse(id, request.properties, request.inputs);
      }
      const found = await resource
        .read({ ...context(), id, state: state.props, inputs: inputs.props, importing })
        .catch(undefinedIfGone);
      if (found === undefined) return EMPTY_MESSAGE;
      const outputs = merge(properties, found.outputs, {});
      const readInputs = found.inputs ?? inputsOf(properties, outputs, importing ? undefined : inputs.props);
      return stateResponse(
        found.id,
        encode(outputs, properties, state.secrets),
        encode(readInputs, properties, inputs.secrets),
      );
    }),

    update: on(async (request, { resource }, context) => {
      const { id, ignoreChanges } = request;
      const { properties } = resource;
      const state = stateBefore(request, properties);
      const given = decode(request.news);
      const reply = (outputs: Props) => encode(outputs, properties, given.secrets);
      const planned = planUpdate(resource, state, given.props, ignoreChanges);
      if (request.preview) {
        resource.preview?.({ planned, state });
        return updateResponse(reply(planned));
      }
      if (resource.update === undefined) throw new Error("this resource cannot be updated in place");
      // What the update says nothing about is as it was asked for; what was left to the provider is as it was.
      const expected = mapValues(planned, (value, key) => (value === UNKNOWN ? state[key] : value));
      const wrap = (outputs: Props) => reply(merge(properties, outputs, expected));
      const { differences } = diffResource(resource, { id, state, inputs: given.props, ignoreChanges });
      const changed = new Set(differences.map((item) => topLevel(item.path)));
      const update = resource
        .update({ ...context(), id, inputs: known(planned, properties), state, changed })
        .then((outputs) => ({ id, outputs }));
      return updateResponse(wrap((await keepingPartial(update, wrap, request.news)).outputs));
    }),

    delete: on(async (request, { resource }, context) => {
      const state = decode(request.properties).props;
      await resource.delete?.({ ...context(), id: request.id, state }).catch(undefinedIfGone);
      return EMPTY_MESSAGE;
    }),
  };
}

/** The state before a change. An input that the engine took up without a call of ours is only in the inputs before. */
function stateBefore(request: ResourceRequest, properties: Properties): Props {
  const state = decode(request.olds).props;
  const late = Object.keys(properties).filter((key) => properties[key]?.absentIsEqual && state[key] === undefined);
  if (late.length === 0 || request.oldInputs === undefined) return state;
  const inputs = decode(request.oldInputs).props;
  return { ...state, ...Object.fromEntries(late.flatMap((key) => (key in inputs ? [[key, inputs[key]]] : []))) };
}

function mapValues(props: Props, change: (value: unknown, key: string) => unknown): Props {
  const result: Props = {};
  for (const key in props) result[key] = change(props[key], key);
  return result;
}

function undefinedIfGone(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}

// A partial failure carries state, which must be encoded like any other.
async function keepingPartial<Made>(
  run: Promise<Made>,
  wrap: (outputs: Props) => Uint8Array,
  inputs: Packed,
): Promise<Made> {
  try {
    return await run;
  } catch (error) {
    if (!(error instanceof PartialFailure)) throw error;
    throw new InitFailed(error.id, wrap(error.outputs), inputs, error.reasons);
  }
}
