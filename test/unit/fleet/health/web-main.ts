import { loadCatalog, releaseRef } from "../../../../model/index.ts";
import { createFaultController } from "../../../../sandbox/core/index.ts";
import { loadAuthority } from "../../../../sandbox/proxy/index.ts";
import { serveRedirects, serveSecureWeb } from "../../../../sandbox/web/index.ts";
import { dnsOf, live, world } from "../../sandbox/web/world.ts";

// node web-main.ts DIR MS: the sandbox's web server with every site of the catalog, each answer MS late. Ends with stdin.
const [dir = "", ms = "0"] = process.argv.slice(2);
const catalog = loadCatalog("catalog");
const commits = new Map(
  catalog.sites.map((site) => [site.host, releaseRef(catalog.releases, site.channel, site.repository) ?? ""]),
);
const zones = catalog.zones.map(({ name }) => name);
const sources = world({
  dns: dnsOf(Object.fromEntries(zones.map((zone) => [`CNAME *.${zone}`, "cname.vercel-dns.com"]))),
  attached: (host) => commits.has(host),
  liveAt: (host) => {
    const commit = commits.get(host);
    return commit === undefined ? undefined : live(host, { commit, marker: commit });
  },
});
const faults = createFaultController({ latency: [{ vendor: "web", ms: Number(ms) }] });
const authority = await loadAuthority(dir, [...zones, "vercel.app"]);
const secure = await serveSecureWeb(sources, authority, zones, 0, faults);
const plain = await serveRedirects(sources, 0, faults);
const resolve = `443=127.0.0.1:${secure.port},80=127.0.0.1:${plain.port}`;
process.stdout.write(`${JSON.stringify({ resolve, caFile: authority.caFile })}\n`);
process.stdin.on("end", () => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${JSON.stringify({ cpuSeconds: (user + system) / 1e6 })}\n`, () => process.exit(0));
});
process.stdin.resume();
