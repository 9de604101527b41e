import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { GithubEnvironment } from "../../components/github-environment/github-environment.ts";
import { PleskService } from "../../components/plesk-service/plesk-service.ts";
import { SharedProject } from "../../components/shared-project/shared-project.ts";
import type { ZoneSpec } from "../../components/wildcard-zone/plan.ts";
import { WildcardZone } from "../../components/wildcard-zone/wildcard-zone.ts";
import { parseDocument } from "../../plesk/index.ts";
import { cloudflareDns } from "../../vendors/cloudflare/dns.ts";
import { ofType, registered } from "../support/mocks.ts";
import { exampleRecords } from "../vendors/example-dns/dns.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const vendor = cloudflareDns({ accountId: "acc" });
const zone: ZoneSpec = {
  name: "qmoney.de",
  mode: "existing",
  kind: "cname",
  wildcard: true,
  target: "cname.vercel-dns.com",
};

describe("SharedProject", () => {
  it("holds project, release and the wildcard domains", async () => {
    const all = await registered(
      () =>
        new SharedProject("shared", {
          name: "shared",
          repository: "acme/landing",
          commit,
          wildcardDomains: ["*.remotecash.de"],
        }),
    );
    expect(all.map(({ type, name }) => [type, name])).toEqual([
      ["sitefleet:vercel:Release", "shared"],
      ["sitefleet:vercel:SharedProject", "shared"],
      ["vercel:index/project:Project", "shared"],
      ["vercel:index/projectDomain:ProjectDomain", "*.remotecash.de"],
    ]);
  });
});

describe("WildcardZone", () => {
  it("serves every name with one DNS-only record, with the provider it was given", async () => {
    const all = await registered(() => {
      const provider = new cloudflare.Provider("named", {});
      new WildcardZone("qmoney.de", { ...zone, vendor }, { providers: { cloudflare: provider } });
    });
    const records = ofType(all, "cloudflare:index/dnsRecord:DnsRecord");
    expect(records.map(({ inputs }) => inputs)).toEqual([
      {
        zoneId: "zone-from-lookup",
        name: "*.qmoney.de",
        type: "CNAME",
        content: "cname.vercel-dns.com",
        ttl: 1,
        proxied: false,
      },
    ]);
    expect(records[0]?.provider).toContain("pulumi:providers:cloudflare::named");
  });

  it("makes the zone for `create`, and touches nothing for `skip`", async () => {
    const created = await registered(() => new WildcardZone("z", { ...zone, mode: "create", vendor }));
    expect(ofType(created, "cloudflare:index/zone:Zone")[0]?.inputs).toEqual({
      name: "qmoney.de",
      account: { id: "acc" },
      type: "full",
    });
    const skipped = await registered(() => new WildcardZone("z", { ...zone, mode: "skip", vendor }));
    expect(skipped.map(({ type }) => type)).toEqual(["sitefleet:cloudflare:WildcardZone"]);
  });

  it("delegates _acme-challenge to Vercel for kind wildcard", async () => {
    const spec = { ...zone, kind: "wildcard", delegation: "acme-challenge", vendor } as const;
    const all = await registered(() => new WildcardZone("z", spec));
    const found = ofType(all, "cloudflare:index/dnsRecord:DnsRecord").map(({ inputs }) => [
      inputs.type,
      inputs.name,
      inputs.content,
    ]);
    expect(found).toEqual([
      ["CNAME", "*.qmoney.de", "cname.vercel-dns.com"],
      ["NS", "_acme-challenge.qmoney.de", "ns1.vercel-dns.com"],
      ["NS", "_acme-challenge.qmoney.de", "ns2.vercel-dns.com"],
    ]);
  });

  it("writes CDN settings under Cloudflare's ids and switches as on and off", async () => {
    const cdn = { ssl: "strict", alwaysUseHttps: true, brotli: false, browserCacheTtl: 14400 };
    const all = await registered(() => new WildcardZone("z", { ...zone, wildcard: false, cdn, vendor }));
    expect(
      ofType(all, "cloudflare:index/zoneSetting:ZoneSetting").map(({ inputs }) => [inputs.settingId, inputs.value]),
    ).toEqual([
      ["always_use_https", "on"],
      ["brotli", "off"],
      ["browser_cache_ttl", 14400],
      ["ssl", "strict"],
    ]);
  });
});

describe("GithubEnvironment", () => {
  it("generates what is declared as generated and hands every value over as a secret", async () => {
    let component: GithubEnvironment | undefined;
    const all = await registered(
      () => {
        component = new GithubEnvironment("production", {
          repository: "web",
          environment: "production",
          secrets: {
            JWT_SECRET: { kind: "generated", bytes: 64, encoding: "base64" },
            DB_PASS: { kind: "generated", bytes: 32, encoding: "hex" },
            SSH_HOST: { kind: "given", value: "198.51.100.7" },
          },
        });
      },
      { result: "00ff" },
    );
    // Never RandomBytes: its id is the value, in clear.
    expect(all.some(({ type }) => type.includes("RandomBytes"))).toBe(false);
    const generated = ofType(all, "random:index/randomPassword:RandomPassword");
    expect(generated.map(({ name, inputs }) => [name, inputs.length])).toEqual([
      ["production/DB_PASS", 64],
      ["production/JWT_SECRET", 128],
    ]);
    const secrets = ofType(all, "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret");
    expect(secrets.map(({ inputs }) => inputs.secretName)).toEqual(["DB_PASS", "JWT_SECRET", "SSH_HOST"]);
    for (const value of Object.values(component?.secretValues ?? {})) {
      expect(await pulumi.isSecret(value)).toBe(true);
    }
  });
});

describe("PleskService", () => {
  const args = {
    key: "docs",
    host: "docs.example.org",
    path: "/www/docs",
    kind: "static",
    exclude: ["*.log"],
    origin: { type: "A", content: "192.0.2.10" },
    proxied: true,
    artifactDir: "catalog/artifacts/docs",
    artifactDigest: "ab".repeat(32),
    health: { path: "/", status: 200, release: true, withinSeconds: 15 },
    database: { engine: "mariadb", name: "mo_docs", scratch: null, keep: 5 },
    server: {
      address: "192.0.2.10",
      port: 22,
      user: "u",
      hostKey: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ"],
      profile: "generic",
      parallel: 8,
      web: "http://192.0.2.10:8080",
    },
    privateKey: "PRIVATE",
    access: { address: "192.0.2.11", port: 3306, user: "svc_docs", password: "HIDDEN" },
    env: { TOKEN: "HIDDEN" },
  } as const;

  it("registers its record and one command that carries every secret on stdin only", async () => {
    const all = await registered(() => new PleskService("docs", { ...args, dns: { vendor, zoneId: "z1" } }));
    expect(all.map(({ type }) => type)).toEqual([
      "sitefleet:plesk:Service",
      "cloudflare:index/dnsRecord:DnsRecord",
      "command:local:Command",
    ]);
    const command = ofType(all, "command:local:Command")[0];
    const { stdin, ...rest } = command?.inputs ?? {};
    expect(JSON.stringify(stdin)).toContain("PRIVATE");
    // The driver takes the document as it is, with health and database as declared.
    const secret = stdin as { value?: string } | string;
    const document = parseDocument(JSON.parse(typeof secret === "string" ? secret : (secret.value ?? "")));
    expect(document).toMatchObject({
      health: { url: "http://192.0.2.10:8080/", host: "docs.example.org", release: true },
      database: { name: "mo_docs", host: "192.0.2.11", password: "HIDDEN" },
      env: { DB_PASSWORD: "HIDDEN", DATABASE_URL: "mysql://svc_docs:HIDDEN@192.0.2.11:3306/mo_docs", TOKEN: "HIDDEN" },
      owner: "sitefleet/prod/docs",
    });
    expect(JSON.stringify(rest)).not.toMatch(/PRIVATE|HIDDEN/);
    expect(rest).toEqual({
      create: "node plesk/main.ts deploy",
      update: "node plesk/main.ts deploy",
      delete: "node plesk/main.ts retire",
      logging: "none",
      addPreviousOutputInEnv: false,
    });
  });

  it.each([
    ["retire", false],
    ["protect", true],
    ["delete-files", true],
  ] as const)("with onRemoval %s the engine's protection is %s", async (onRemoval, protect) => {
    const seen: unknown[] = [];
    const transform = {
      deploy: (_: unknown, opts: pulumi.CustomResourceOptions) => {
        seen.push([opts.protect, opts.deleteBeforeReplace]);
        return undefined;
      },
    };
    await registered(() => new PleskService("docs", { ...args, onRemoval, transform }));
    // A replacement would end with the old one's `delete`, which would take the new one out of service.
    expect(seen).toEqual([[protect, true]]);
  });

  it("hands over what its last deployment brought, which is no secret", async () => {
    let deployed: PleskService["deployed"] | undefined;
    const result = { release: "cd".repeat(32), spec: "ef".repeat(32) };
    const stdout = JSON.stringify({ action: "deploy", ...result, before: null });
    await registered(
      () => {
        deployed = new PleskService("docs", args).deployed;
      },
      { stdout },
    );
    expect(await pulumi.isSecret(deployed as PleskService["deployed"])).toBe(false);
    expect(await new Promise((done) => deployed?.apply(done))).toEqual(result);
  });

  it("has its record at whichever vendor its zone is at", async () => {
    const dns = { vendor: exampleRecords, zoneId: "zone-1" };
    const all = await registered(() => new PleskService("docs", { ...args, dns }));
    const [record] = ofType(all, "example-dns:index/record:Record");
    expect(record).toMatchObject({
      name: "docs.example.org/target",
      inputs: { zoneId: "zone-1", host: "docs.example.org", type: "A", content: "192.0.2.10" },
    });
    expect(all.some(({ type }) => type.startsWith("cloudflare:"))).toBe(false);
  });

  it("leaves DNS alone without a zone", async () => {
    const all = await registered(() => new PleskService("docs", args));
    expect(ofType(all, "cloudflare:index/dnsRecord:DnsRecord")).toEqual([]);
  });
});
