import { readFileSync } from "node:fs";
import { join } from "node:path";

type Answer = Record<string, unknown> & { readonly id?: string; readonly name?: string };

/** What was changed by hand. */
interface Planted {
  /** As `role name`, the way `sitefleet drift` tells them. */
  readonly differences: readonly string[];
  readonly foreign: number;
}

/** A person at the vendors' own consoles. @param env of the sandbox */
export function vendorsOf(env: Readonly<Record<string, string>>) {
  const call = async (vendor: "vercel" | "cloudflare", method: string, path: string, body?: object) => {
    const [url, token] =
      vendor === "vercel"
        ? [env.VERCEL_API_URL, env.VERCEL_API_TOKEN]
        : [env.CLOUDFLARE_BASE_URL, env.CLOUDFLARE_API_TOKEN];
    const team = vendor === "vercel" ? `${path.includes("?") ? "&" : "?"}slug=MarketingFunnelEmpire` : "";
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const answer = await fetch(`${url}${path}${team}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return (text === "" ? {} : JSON.parse(text)) as Answer;
  };
  return {
    /** Changes so many things, a third each of projects, domains and records; adds so many that nothing declares. */
    async plant(counts: { readonly differences: number; readonly foreign: number }, catalog: string): Promise<Planted> {
      const own = readFileSync(join(catalog, "sites.csv"), "utf8")
        .split("\n")
        .map((line) => line.split(","))
        // A host in letters that DNS does not have is another text at the vendors.
        .filter(([name = "", , project]) => project === "own" && /^[a-z0-9-]+$/.test(name))
        .map(([name, zone]) => `${name}.${zone}`);
      const differences: string[] = [];
      const zones = (await call("cloudflare", "GET", "/zones")).result as Answer[];
      for (const zone of zones) {
        const records = (await call("cloudflare", "GET", `/zones/${zone.id}/dns_records?per_page=1000`))
          .result as Answer[];
        const star = records.find(({ name }) => name === `*.${zone.name}`);
        if (star === undefined) continue;
        await call("cloudflare", "PATCH", `/zones/${zone.id}/dns_records/${star.id}`, { ttl: 300 });
        differences.push(`record *.${zone.name}/target`);
      }
      for (const [index, host] of own.entries()) {
        if (differences.length >= counts.differences) break;
        const id = host.replaceAll(".", "-");
        if (index % 2 === 0) {
          await call("vercel", "PATCH", `/v9/projects/${id}`, { framework: "remix" });
          differences.push(`project ${host}`);
        } else {
          await call("vercel", "DELETE", `/v9/projects/${id}/domains/${host}`);
          differences.push(`site-domain ${host}`);
        }
      }
      for (let index = 0; index < counts.foreign; index++) {
        const name = `stranger-${index}`;
        if (index % 2 === 0) await call("vercel", "POST", "/v10/projects", { name });
        else {
          const record = { type: "TXT", name: `${name}.${zones[0]?.name}`, content: "foreign", ttl: 300 };
          await call("cloudflare", "POST", `/zones/${zones[0]?.id}/dns_records`, record);
        }
      }
      return { differences, foreign: counts.foreign };
    },
  };
}
