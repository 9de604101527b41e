import {
  ApiClient,
  ApiError,
  type ApiRequest,
  defineProvider,
  defineResource,
  isObject,
  number,
  type Props,
  string,
} from "../../../../provider/framework/index.ts";

class Client {
  readonly #api: ApiClient;

  constructor(baseUrl: string, token: string) {
    this.#api = new ApiClient({ baseUrl, headers: { authorization: `Bearer ${token}` } });
  }

  async call(method: ApiRequest["method"], path: string, signal: AbortSignal, body?: unknown): Promise<Props> {
    const answer = await this.#api.call({ method, path, signal, body });
    const props = isObject(answer.body) ? (answer.body as Props) : {};
    if (answer.status < 300) return Array.isArray(answer.body) ? { list: answer.body } : props;
    throw new ApiError({ status: answer.status, apiCode: "", message: String(props.message) });
  }
}

const pathOf = ({ zoneId }: Props): string => `/zones/${encodeURIComponent(String(zoneId))}/records`;

const record = defineResource<Client>({
  properties: {
    zoneId: string({ required: true }),
    host: string({ required: true }),
    type: string({ required: true }),
    content: string({ required: true }),
    ttl: number({ required: true }),
    priority: number(),
  },
  async create({ client, inputs, signal }) {
    const { zoneId: _, ...sent } = inputs;
    const { id } = await client.call("POST", pathOf(inputs), signal, sent);
    return { id: String(id), outputs: {} };
  },
  async read({ client, id, state, signal }) {
    const { id: _, ...live } = await client.call("GET", `${pathOf(state)}/${id}`, signal);
    return { id, outputs: { ...live, zoneId: state.zoneId } };
  },
  async delete({ client, id, state, signal }) {
    await client.call("DELETE", `${pathOf(state)}/${id}`, signal);
  },
});

/** The vendor's Pulumi provider: records of zones that are there. */
export const provider = defineProvider<Client>({
  name: "example-dns",
  version: "1.0.0",
  config: {
    url: string({ env: ["EXAMPLE_DNS_URL"] }),
    token: string({ secret: true, env: ["EXAMPLE_DNS_TOKEN"] }),
  },
  configure: ({ url, token }) => new Client(String(url), String(token)),
  resources: { "example-dns:index/record:Record": record },
  functions: {
    "example-dns:index/getZone:getZone": {
      inputs: { name: string({ required: true }) },
      outputs: { id: string({ output: true }), name: string() },
      async invoke({ client, inputs, signal }) {
        const { list } = await client.call("GET", `/zones?name=${String(inputs.name)}`, signal);
        const [zone] = list as { id: string }[];
        if (zone === undefined) throw new Error(`there is no zone ${String(inputs.name)}`);
        return { id: zone.id, name: inputs.name };
      },
    },
  },
});
