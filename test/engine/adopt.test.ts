import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cellOf, DEFAULT_CELLS } from "../../model/index.ts";
import { Estate, type Row } from "../support/estate.ts";

// An estate that exists and that no state knows is taken over through the real engine. What breaks when this fails: an adoption
// writes at a vendor, or leaves a state that the next update would change.

/** Names that lie in one cell: a stack is what an engine test pays for. */
const namesIn = (prefix: string, zone: string, count: number): string[] => {
  const all = Array.from({ length: 64 * count * 4 }, (_, index) => `${prefix}-${index}`);
  return all.filter((name) => cellOf({ host: `${name}.${zone}`, tags: [] }, DEFAULT_CELLS) === "00").slice(0, count);
};
const [changed = "", ...others] = namesIn("shop", "qmoney.de", 6);
const rows: Row[] = [
  ...[changed, ...others].map((name) => ({ name })),
  ...namesIn("land", "qmoney.de", 2).map((name) => ({ name, project: "shared" as const })),
  ...namesIn("wild", "remotecash.de", 1).map((name) => ({ name, zone: "remotecash.de" })),
];
const estate = new Estate(rows);
const stacks = join(estate.stateDir, ".pulumi/stacks/sitefleet");

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly id?: string;
  readonly inputs?: Record<string, unknown>;
  readonly parent?: string;
  readonly provider?: string;
  readonly dependencies?: string[];
  readonly protect?: boolean;
}

/** What stacks hold, as far as it is the same however it came there. */
function held(dir: string): Record<string, Pick<Resource, "urn" | "dependencies">[]> {
  return Object.fromEntries(
    readdirSync(dir)
      .filter((name) => name.endsWith(".json"))
      .sort()
      .map((name) => {
        const { checkpoint } = JSON.parse(readFileSync(join(dir, name), "utf8"));
        const resources = (checkpoint.latest?.resources ?? []) as Resource[];
        const plain = resources
          .filter(({ type }) => !type.startsWith("pulumi:"))
          .map(({ urn, id, inputs, parent, provider, dependencies, protect }) => {
            // What is encrypted is another text each time; a provider's id is made by chance.
            const text = JSON.stringify(inputs ?? {}).replace(/"ciphertext":"[^"]*"/g, '"ciphertext":""');
            const of = provider?.split("::").slice(0, -1).join("::");
            return {
              urn,
              id,
              inputs: JSON.parse(text),
              parent,
              provider: of,
              dependencies: dependencies?.sort(),
              protect,
            };
          })
          .sort((a, b) => (a.urn < b.urn ? -1 : 1));
        return [name, plain];
      }),
  );
}

/** States without a random value, and without what depends on it saying so. */
function without(states: ReturnType<typeof held>, name: string): ReturnType<typeof held> {
  const isIt = (urn: string) => urn.includes("random:") && urn.endsWith(name);
  return Object.fromEntries(
    Object.entries(states).map(([stack, resources]) => {
      const left = resources.filter(({ urn }) => !isIt(urn));
      expect(stack === "prod" ? resources.length - left.length : 0).toBe(stack === "prod" ? 1 : 0);
      return [stack, left.map((one) => ({ ...one, dependencies: one.dependencies?.filter((urn) => !isIt(urn)) }))];
    }),
  );
}

async function call(vendor: "vercel" | "cloudflare" | "github", method: string, path: string, body?: object) {
  const env = estate.env();
  const [url, token] = {
    vercel: [estate.info.urls.vercel, env.VERCEL_API_TOKEN],
    cloudflare: [estate.info.urls.cloudflare, env.CLOUDFLARE_API_TOKEN],
    github: [`${estate.info.urls.github}api/v3`, env.GITHUB_TOKEN],
  }[vendor];
  const team = vendor === "vercel" ? `${path.includes("?") ? "&" : "?"}slug=MarketingFunnelEmpire` : "";
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(`${url}${path}${team}`, { method, headers, body: body && JSON.stringify(body) });
  expect(answer.status, `${method} ${path}`).toBeLessThan(300);
  const text = await answer.text();
  return text === "" ? {} : JSON.parse(text);
}

/** Empties the log of the vendors' requests. */
const forget = () => fetch(new URL("/requests", estate.info.urls.control), { method: "DELETE" });

beforeAll(async () => {
  estate.edit("services.yaml", () => "services: []\n");
  const left = / administrators:| MO_|SESSION_SECRET|API_KEY|OAUTH|SSH_|MYSQL|PG_|CIVI/;
  estate.edit("secrets.yaml", (text) =>
    text
      .split("\n")
      .filter((line) => !left.test(line))
      .join("\n"),
  );
  await estate.start();
  const up = await estate.sitefleet("up", "--yes", "--no-check");
  expect(up.code, up.stdout + up.stderr).toBe(0);
});
afterAll(() => estate.remove());

describe("an estate whose states are gone", () => {
  const before = join(estate.dir, "before");

  it("is read and matched, and a generated value only where it is known", async () => {
    const secret = await estate.pulumi("stack", "output", "secrets", "--show-secrets", "--json", "-s", "prod");
    const { JWT_SECRET: value = "" } = JSON.parse(secret.stdout) as { JWT_SECRET?: string };
    const to = ["--secret", "--path", "sitefleet:secrets.JWT_SECRET", value];
    const config = ["--config-file", estate.env().SITEFLEET_CONFIG_FILE as string, "-s", "prod"];
    cpSync(stacks, before, { recursive: true });
    for (const name of ["stacks", "history", "backups"])
      rmSync(join(estate.stateDir, ".pulumi", name), { recursive: true, force: true });
    rmSync(join(estate.stateDir, ".sitefleet"), { recursive: true, force: true });
    await forget();
    const scan = await estate.sitefleet("adopt", "scan", "--json");
    expect(scan.code, scan.stderr).toBe(0);
    const match = JSON.parse((await estate.sitefleet("adopt", "match", "--json")).stdout);
    expect(match.counts).toMatchObject({ held: 0, ambiguous: 0, waiting: 0, missing: 2, unsupported: 0, foreign: 1 });
    expect(match.missing.map(({ role }: { role: string }) => role).sort()).toEqual(["generated", "secret"]);
    // The state of before has the same salt: any stack will do to encrypt it.
    cpSync(join(before, "prod.json"), join(stacks, "prod.json"));
    expect((await estate.pulumi("config", "set", ...config, ...to)).code).toBe(0);
    rmSync(stacks, { recursive: true });
  });

  it("is taken over without a write at any vendor, as an update would have left it", async () => {
    const apply = await estate.sitefleet("adopt", "apply", "--yes", "--json");
    expect(apply.code, apply.stdout + apply.stderr).toBe(0);
    const { vendors } = (await estate.control("/requests")) as { vendors: Record<string, { writes: number }> };
    expect(Object.entries(vendors).map(([name, { writes }]) => [name, writes])).toEqual(
      Object.keys(vendors).map((name) => [name, 0]),
    );
    // The value of JWT_SECRET comes from the configuration now: no resource makes it any more.
    expect(held(stacks)).toEqual(without(held(before), "::production/JWT_SECRET"));
  });

  it("shows exactly what differs afterwards, who did it, and what nothing declares", async () => {
    const { projects } = await call("vercel", "GET", "/v9/projects?limit=100");
    const project = projects.find(({ name }: { name: string }) => name === `${changed}-qmoney-de`);
    await call("vercel", "PATCH", `/v9/projects/${project.id}`, { framework: "astro" });
    await call("vercel", "DELETE", `/v9/projects/${project.id}/domains/${changed}.qmoney.de`);
    const zones = (await call("cloudflare", "GET", "/zones")).result as { id: string; name: string }[];
    const zone = (name: string) => zones.find((one) => one.name === name)?.id;
    const path = `/zones/${zone("qmoney.de")}/dns_records`;
    const star = (await call("cloudflare", "GET", path)).result.find(
      (one: { name: string }) => one.name === "*.qmoney.de",
    );
    await call("cloudflare", "PATCH", `${path}/${star.id}`, { content: "CNAME.Vercel-DNS.com", comment: "" });
    await call("cloudflare", "POST", path, {
      type: "TXT",
      name: "x.qmoney.de",
      content: "\u001b[31m@everyone",
      ttl: 300,
    });
    await call("cloudflare", "PATCH", `/zones/${zone("menschlichkeit-oesterreich.at")}/settings/brotli`, {
      value: "off",
    });
    const environment = "/repos/menschlichkeit-oesterreich/estate/environments/production";
    await call("github", "DELETE", `${environment}/secrets/SUPPORT_EMAIL`);
    const drift = await estate.sitefleet("drift", "--json");
    expect(drift.code, drift.stderr).toBe(2);
    const { differences } = JSON.parse(drift.stdout) as {
      differences: {
        class: string;
        role: string;
        name: string;
        op?: string;
        who: { who: string }[];
        takeOver: string[];
      }[];
    };
    const found = differences.filter((one) => one.class !== "noise");
    expect(found.map((one) => `${one.class} ${one.role} ${one.name} ${one.op ?? ""}`.trim()).sort()).toEqual([
      `drift project ${changed}.qmoney.de update`,
      "drift secret production/SUPPORT_EMAIL create",
      `drift site-domain ${changed}.qmoney.de create`,
      "drift zone-setting menschlichkeit-oesterreich.at/brotli update",
      "unknown record x.qmoney.de",
    ]);
    const project1 = found.find(({ role }) => role === "project");
    expect(project1?.who[0]?.who).toContain("@");
    expect(project1?.takeOver).toEqual([`sites.csv: set framework of ${changed}.qmoney.de to astro`]);
  });

  it("is out of the states again, and the vendors hear nothing of it", async () => {
    await forget();
    const undo = await estate.sitefleet("adopt", "undo", "--yes", "--json");
    expect(undo.code, undo.stderr).toBe(0);
    expect(Object.values(held(stacks)).flat()).toEqual([]);
    expect(((await estate.control("/requests")) as { total: number }).total).toBe(0);
  });
});
