// What would break: the vendors and the web server would each be right and not fit together: a site created over the
// APIs would not be answered, or the overview would count nothing.
import { expect, it } from "vitest";
import { createCloudflare } from "../../../../sandbox/cloudflare/index.ts";
import { createContext, type Vendor } from "../../../../sandbox/core/index.ts";
import { webSources } from "../../../../sandbox/daemon/web-sources.ts";
import { createVercel } from "../../../../sandbox/vercel/index.ts";
import { answer } from "../../../../sandbox/web/answer.ts";

const options = { cloudflare: { zones: [{ name: "shop.test" }] } };
const commit = "0123456789abcdef0123456789abcdef01234567";

async function post(vendor: Vendor, path: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { authorization: "Bearer token", "content-type": "application/json" };
  const request = new Request(`http://127.0.0.1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const response = await vendor.fetch(request);
  expect(response.status, path).toBeLessThan(300);
  return (await response.json()) as Record<string, unknown>;
}

it("a site is answered once DNS, domain and deployment are there, and says before what is missing", async () => {
  const cloudflare = createCloudflare(createContext({ options }));
  const vercel = createVercel(createContext({ options, dns: cloudflare.dns }));
  const vendors = [vercel, cloudflare];
  const parts = {
    vercel,
    dns: cloudflare.dns,
    vendors,
    services: [],
    delegatedZones: [],
    links: {},
    hostTree: "/none",
  };
  const sources = webSources(parts);
  const ask = (host = "a.shop.test") => answer(new Request("http://x/", { headers: { host } }), sources, 1);
  const reason = async (): Promise<string | null> => (await ask()).headers.get("x-sitefleet-reason");

  expect(await reason()).toBe("unknown-host");
  const gitRepository = { type: "github", repo: "shop/site" };
  const project = await post(vercel, "/v11/projects", { name: "a", framework: null, gitRepository });
  await post(vercel, `/v10/projects/${project.id}/domains`, { name: "a.shop.test" });
  expect(await reason()).toBe("no-dns-record");
  const [zone] = cloudflare.inventory().zones ?? [];
  const wildcard = { type: "CNAME", name: "*.shop.test", content: "cname.vercel-dns.com", ttl: 1, proxied: false };
  await post(cloudflare, `/client/v4/zones/${zone?.id}/dns_records`, wildcard);
  expect(await reason()).toBe("no-deployment");
  const gitSource = { type: "github", org: "shop", repo: "site", ref: commit };
  const deployment = await post(vercel, "/v13/deployments", {
    name: "a",
    project: "a",
    target: "production",
    gitSource,
  });
  const response = await ask();
  expect([response.status, response.headers.get("x-release")]).toEqual([200, deployment.id]);
  expect(await response.text()).toContain(commit);

  const overview = await (await ask("127.0.0.1")).text();
  expect(overview).toContain("<dt>Vercel projects</dt><dd>1</dd>");
  expect(overview).toContain("<dt>DNS records</dt><dd>1</dd>");
  expect(overview).toContain('href="http://a.shop.test.localhost:1/"');
});
