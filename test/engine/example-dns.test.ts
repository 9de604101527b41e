import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serveProvider } from "../../provider/framework/index.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { Estate, type Ran } from "../support/estate.ts";
import { provider } from "../vendors/example-dns/sandbox/provider.ts";
import { type ExampleService, startExampleService } from "../vendors/example-dns/sandbox/service.ts";

// A DNS vendor that the product has never heard of: its folder is test/vendors/example-dns, one setting names it, its API and its
// provider are in the folder's sandbox/. What breaks when this fails: a new vendor needs changes all over the product, or a zone
// that moves is off the net in between, or leaves records behind at the old vendor.

const ZONE = "moving.de";
const RECORDS = [`*.${ZONE}/target`, `${ZONE}/MX/mail.${ZONE}`];
const estate = new Estate([{ name: "shop", tags: "canary" }]);
let service: ExampleService;
let served: Awaited<ReturnType<typeof serveProvider>>;

const zone = (dns: string) => `
  - name: ${ZONE}
    kind: cname
    mode: existing
    ${dns}
    records:
      - { name: "@", type: MX, content: mail.${ZONE}, priority: 10 }
`;

beforeAll(async () => {
  estate.edit("zones.yaml", (text) => `${text}${zone("plan: free")}`);
  await estate.start();
  service = await startExampleService([ZONE]);
  // The provider is served by this process.
  process.env.EXAMPLE_DNS_URL = service.url;
  process.env.EXAMPLE_DNS_TOKEN = service.token;
  served = await serveProvider(provider);
});

afterAll(async () => {
  await served?.stop();
  await service?.stop();
  await estate.remove();
});

/** `sitefleet …` for the shared stack, with the vendor. */
function sitefleet(...args: string[]): Promise<Ran> {
  const env = estate.env();
  return estate.run(process.execPath, [join(PROJECT_ROOT, "cli/sitefleet.js"), ...args, "--stack", "prod"], {
    ...env,
    SITEFLEET_VENDORS: "test/vendors/example-dns/index.ts",
    EXAMPLE_DNS_URL: service.url,
    EXAMPLE_DNS_TOKEN: service.token,
    PULUMI_DEBUG_PROVIDERS: `${env.PULUMI_DEBUG_PROVIDERS},example-dns:${served.port}`,
    SITEFLEET_BUDGET: "off",
  });
}

/** Names of the zone's records at Cloudflare. */
async function atCloudflare(): Promise<string[]> {
  const { CLOUDFLARE_BASE_URL: url, CLOUDFLARE_API_TOKEN: token } = estate.env();
  const get = async (path: string) => {
    const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return ((await answer.json()) as { result: { id: string; name: string; type: string }[] }).result;
  };
  const [found] = await get(`/zones?name=${ZONE}`);
  return (await get(`/zones/${found?.id}/dns_records`)).map(({ name, type }) => `${name} ${type}`).sort();
}

const atExample = () => service.records(ZONE).map(({ host, type }) => `${host} ${type}`);
const ALL = [`*.${ZONE} CNAME`, `${ZONE} MX`];

it("a zone is moved to it by preview and up, and nothing is left to do", async () => {
  const first = await sitefleet("up", "--yes");
  expect(first.code, first.stdout + first.stderr).toBe(0);
  expect(await atCloudflare()).toEqual(ALL);

  estate.edit("zones.yaml", (text) => text.replace(zone("plan: free"), zone("dns: example-dns")));
  const preview = await sitefleet("preview", "--json");
  expect(preview.code, preview.stdout + preview.stderr).toBe(0);
  const { steps } = JSON.parse(preview.stdout) as { steps: { op: string; type: string; name: string }[] };
  const named = (op: string, type: string) =>
    steps.flatMap((one) => (one.op === op && one.type === type ? [one.name] : [])).sort();
  expect(named("create", "example-dns:index/record:Record")).toEqual(RECORDS);
  expect(named("delete", "cloudflare:index/dnsRecord:DnsRecord")).toEqual(RECORDS);
  expect(steps.filter(({ type }) => type.includes(":index/"))).toHaveLength(2 * RECORDS.length);

  const moved = await sitefleet("up", "--yes");
  expect(moved.code, moved.stdout + moved.stderr).toBe(0);
  expect(atExample().sort()).toEqual(ALL);
  expect(await atCloudflare()).toEqual([]);

  const again = await sitefleet("preview", "--all", "--detailed-exitcode");
  expect(again.code, again.stdout + again.stderr).toBe(0);
});
