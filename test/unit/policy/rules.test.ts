// What breaks when these fail: a program declares what hurts and no rule says so, or a rule refuses what the estate is made of.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holdsToken, withoutTokens } from "../../../errors/token-forms.ts";
import { loadCatalog } from "../../../model/index.ts";
import { contextOf } from "../../../policy/context.ts";
import { asDeclared } from "../../../policy/declared.ts";
import { type Context, type Resource, SECRET, UNKNOWN } from "../../../policy/resource.ts";
import { RULES } from "../../../policy/rules.ts";
import { isChance } from "../../../policy/secrets.ts";

const context: Context = {
  zones: ["qmoney.de", "bet.example"],
  wildcards: new Set(["qmoney.de"]),
  sites: ["qmoney.de", "shop.qmoney.de", "a.deep.qmoney.de"],
  privateProjects: new Set(["shop-qmoney-de"]),
  approved: new Set(["big/buildMachineType"]),
};
const of = (type: string, props: Resource["props"], more: Partial<Resource> = {}): Resource => ({
  type,
  name: "shop.qmoney.de",
  props,
  protect: false,
  parent: "sitefleet:vercel:Site",
  ...more,
});
const project = (props: Resource["props"], more?: Partial<Resource>) =>
  of("vercel:index/project:Project", { name: "plain", ...props }, more);
const record = (name: unknown, type = "TXT", more?: Partial<Resource>) =>
  of("cloudflare:index/dnsRecord:DnsRecord", { name, type, content: "x" }, more);
const local = (create: unknown, parent = "sitefleet:plesk:Service") =>
  of("command:local:Command", { create, stdin: SECRET }, { parent });
const variable = (key: string, value: unknown) => project({ environments: [{ key, value, targets: ["production"] }] });
const pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc";

/** By rule: what it refuses, and what it lets pass. */
const TABLE: Readonly<Record<string, { readonly bad: readonly Resource[]; readonly good: readonly Resource[] }>> = {
  "plain-secret": {
    bad: [
      variable("PLAIN", `ghp_${"a".repeat(36)}`),
      variable("JWT_SECRET", "hello"),
      variable("ID", "q7Zk2LmX9vB4tRw8YpN3sHc6"),
      project({ buildCommand: "curl https://bot:hunter22@registry.example" }),
      of("github:index/actionsVariable:ActionsVariable", { variableName: "DEPLOY_TOKEN", value: "abcdef" }),
      of("vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable", { key: "KEY", value: pem }),
    ],
    good: [
      variable("JWT_SECRET", SECRET),
      variable("NEXT_PUBLIC_API_KEY", "pk-shop"),
      variable("SITE_NAME", "a-long-name-of-a-shop-in-the-north"),
      variable("COMMIT", "9fceb02d0ae598e95dc970b74767f19372d61af8"),
      variable("TOKEN", ""),
    ],
  },
  "pinned-host-key": {
    bad: [
      of("command:remote:Command", { connection: { host: "h" }, create: "true" }),
      local("ssh -o StrictHostKeyChecking=no h deploy"),
    ],
    good: [
      of("command:remote:Command", { connection: { host: "h", hostKey: "ssh-ed25519 A" } }),
      local("node plesk/main.ts deploy"),
    ],
  },
  "hidden-wildcard": {
    bad: [record("shop.qmoney.de"), record("_dmarc.shop.qmoney.de"), record("deep.qmoney.de", "A")],
    good: [
      record("qmoney.de"),
      record("*.qmoney.de", "CNAME"),
      record("shop.qmoney.de", "CNAME"),
      record("_dmarc.qmoney.de"),
      record("shop.bet.example"),
    ],
  },
  "declared-zone": {
    bad: [record("shop.other.de"), record("xqmoney.de"), of("cloudflare:index/zone:Zone", { name: "new.de" })],
    good: [record("shop.qmoney.de"), record("QMONEY.de."), record(UNKNOWN)],
  },
  protected: {
    bad: [of("cloudflare:index/zone:Zone", { name: "qmoney.de" }), project({ name: "shared-acme-landing" })],
    good: [
      of("cloudflare:index/zone:Zone", { name: "qmoney.de" }, { protect: true }),
      project({ name: "shared-acme-landing" }, { parent: "sitefleet:vercel:SharedProject" }),
      project({}),
    ],
  },
  "private-previews": {
    bad: [
      project({ name: "shop-qmoney-de" }),
      project({ name: "shop-qmoney-de", vercelAuthentication: { deploymentType: "none" } }),
    ],
    good: [
      project({ name: "shop-qmoney-de", vercelAuthentication: { deploymentType: "standard_protection_new" } }),
      project({ vercelAuthentication: { deploymentType: "none" } }),
    ],
  },
  "paid-setting": {
    bad: [
      project({ passwordProtection: { password: SECRET } }),
      project({ buildMachineType: "turbo" }),
      project({ onDemandConcurrentBuilds: true }),
      of("vercel:index/network:Network", {}),
    ],
    good: [project({ onDemandConcurrentBuilds: false }), project({ buildMachineType: "turbo" }, { name: "big" })],
  },
  "own-commands": {
    bad: [
      local("rm -rf /srv"),
      local("node plesk/main.ts deploy", ""),
      local("node plesk/main.ts deploy; true"),
      of("command:remote:Command", { create: "node plesk/main.ts deploy" }, { parent: "sitefleet:plesk:Service" }),
    ],
    good: [local("node plesk/main.ts deploy")],
  },
  "stable-name": {
    bad: ["record-0", "site[3]", "shop-1a2b3c4", "at-2026-11-29T08:00", "job-1764400000000", "shop/undefined"]
      .map((name) => project({}, { name }))
      .concat(project({ name: undefined })),
    good: ["shop-001.qmoney.de", "qmoney.de/A/192.0.2.10", "production/JWT_SECRET", "shop-defaced"].map((name) =>
      project({}, { name }),
    ),
  },
};

describe.each(RULES)("$id", (rule) => {
  const cases = TABLE[rule.id];
  it("refuses each violating resource, in a sentence", () => {
    for (const one of cases?.bad ?? [])
      expect(rule.check(one, context), JSON.stringify(one)).toEqual(
        expect.arrayContaining([expect.stringMatching(/^\S.{8,}$/s)]),
      );
    expect(cases?.bad.length).toBeGreaterThan(0);
  });
  it("lets each of the others pass", () => {
    for (const one of cases?.good ?? []) expect(rule.check(one, context), JSON.stringify(one)).toEqual([]);
    expect(cases?.good.length).toBeGreaterThan(0);
  });
  it("never repeats a value that may be a secret", () => {
    const secret = `ghp_${"b".repeat(36)}`;
    for (const one of [variable("PLAIN", secret), variable("API_TOKEN", secret), local(`curl -u x:${secret}`)])
      expect(rule.check(one, context).join()).not.toContain(secret);
  });
});

it("what a credential looks like is found in any text and taken out of it", () => {
  const tokens = [`ghp_${"x".repeat(36)}`, "xoxb-123456789012-abc", "AKIAIOSFODNN7EXAMPLE", `npm_${"y".repeat(36)}`];
  fc.assert(
    fc.property(fc.constantFrom(...tokens), fc.stringMatching(/^[ a-z]{0,20}$/), (token, text) => {
      const whole = `${text} ${token} ${text}`;
      expect(holdsToken(whole)).toBe(true);
      expect(withoutTokens(whole)).not.toContain(token);
    }),
  );
  expect(withoutTokens("https://hooks.slack.com/services/T1/B1/xyz said no")).toBe("https://[secret] said no");
  expect(isChance("9fceb02d0ae598e95dc970b74767f19372d61af8")).toBe(false);
});

it("proxies of the policy SDK are taken off, with marks for what is hidden", () => {
  class Secret {}
  const proxied = {
    __isSpecialProxy: true,
    __getSpecialProxyTarget: { a: new Secret(), b: ["x"], c: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" },
  };
  expect(asDeclared(proxied)).toEqual({ a: SECRET, b: ["x"], c: UNKNOWN });
});

it("the committed catalog gives the rules their context", () => {
  const { zones, sites } = loadCatalog("catalog");
  const found = contextOf({ zones, sites });
  expect(found.sites).toHaveLength(sites.length);
  expect(found.zones).toEqual(zones.map(({ name }) => name));
});
