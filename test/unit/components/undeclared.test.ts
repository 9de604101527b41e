import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planRecords } from "../../../components/dns/plan.ts";
import { planEnvironment, planRandom } from "../../../components/github-environment/plan.ts";
import { planDeploy } from "../../../components/plesk-service/plan.ts";
import { ignoredIn, type Undeclared } from "../../../components/undeclared/types.ts";
import { planSite } from "../../../components/vercel-site/plan.ts";
import { planProject } from "../../../components/vercel-site/project-plan.ts";
import { project } from "../../../components/vercel-site/undeclared.ts";
import { recordArgs, settingArgs, zoneArgs } from "../../../vendors/cloudflare/dns-plan.ts";
import { isSilent, takesProtection, VENDORS } from "../../../vendors/index.ts";

// What breaks when these fail: a published provider switches something off that nobody declared, or takes off a
// protection that a person has set, and nobody has decided that it may.

/** Declarations of the SDKs that say which inputs there are. */
const SDK: Readonly<Record<string, readonly [file: string, args: string]>> = {
  "vercel:index/project:Project": ["@pulumiverse/vercel/project.d.ts", "ProjectArgs"],
  "vercel:index/projectDomain:ProjectDomain": ["@pulumiverse/vercel/projectDomain.d.ts", "ProjectDomainArgs"],
  "cloudflare:index/zone:Zone": ["@pulumi/cloudflare/zone.d.ts", "ZoneArgs"],
  "cloudflare:index/zoneSetting:ZoneSetting": ["@pulumi/cloudflare/zoneSetting.d.ts", "ZoneSettingArgs"],
  "cloudflare:index/dnsRecord:DnsRecord": ["@pulumi/cloudflare/dnsRecord.d.ts", "DnsRecordArgs"],
  "github:index/repositoryEnvironment:RepositoryEnvironment": [
    "@pulumi/github/repositoryEnvironment.d.ts",
    "RepositoryEnvironmentArgs",
  ],
  "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret": [
    "@pulumi/github/actionsEnvironmentSecret.d.ts",
    "ActionsEnvironmentSecretArgs",
  ],
  "random:index/randomPassword:RandomPassword": ["@pulumi/random/randomPassword.d.ts", "RandomPasswordArgs"],
  "command:local:Command": ["@pulumi/command/local/command.d.ts", "CommandArgs"],
};

/** Names of the optional inputs, as the SDK declares them. */
function optionalInputs(file: string, args: string): string[] {
  const text = readFileSync(`node_modules/${file}`, "utf8");
  const body = new RegExp(`export interface ${args} \\{\\n([\\s\\S]*?)\\n\\}`).exec(text)?.[1] ?? "";
  return [...body.matchAll(/^ {4}(\w+)\?:/gm)].map(([, name = ""]) => name).sort();
}

const record = (type: string, content: string) => {
  const spec = { host: "x.qmoney.de", type, content, ttl: 1, proxied: false, priority: 10, comment: "c" };
  return planRecords([spec]).map(({ record }) => recordArgs(record, "z"));
};
const host = {
  address: "192.0.2.10",
  port: 22,
  user: "u",
  hostKey: ["ssh-ed25519 A"],
  profile: "generic",
  parallel: 8,
};
const service = { key: "docs", host: "docs.example.org", path: "/www/docs", kind: "static" };
const deploy = planDeploy(
  { ...service, exclude: [], health: { path: "/", status: 200 } } as unknown as Parameters<typeof planDeploy>[0],
  host as Parameters<typeof planDeploy>[1],
  { privateKey: "k" },
  "owner",
);

/** By type: each optional input of every type of which it is known. */
const UNDECLARED: Readonly<Record<string, Readonly<Record<string, Undeclared>>>> = Object.fromEntries(
  VENDORS.flatMap(({ types }) =>
    Object.entries(types).flatMap(([type, { undeclared }]) => (undeclared ? [[type, undeclared]] : [])),
  ),
);

it("is known of every type that components declare", () => {
  expect(Object.keys(UNDECLARED).sort()).toEqual(Object.keys(SDK).sort());
});

/** What the components declare, with everything that they can be asked for. */
const PLANS: Readonly<Record<string, readonly object[]>> = {
  "vercel:index/project:Project": [
    planProject({ name: "a", repository: "a/b", framework: "nextjs", rootDirectory: "x", variables: [] }),
  ],
  "vercel:index/projectDomain:ProjectDomain": [
    planSite({ host: "a.qmoney.de", project: { kind: "shared", projectId: "p" } }).domain("p"),
  ],
  "cloudflare:index/zone:Zone": [zoneArgs("qmoney.de", "acc")],
  "cloudflare:index/zoneSetting:ZoneSetting": settingArgs("qmoney.de", { ssl: "strict" }, "z").map(({ args }) => args),
  "cloudflare:index/dnsRecord:DnsRecord": [
    ...record("MX", "mx.qmoney.de"),
    ...record("CAA", '0 issue "letsencrypt.org"'),
  ],
  "github:index/repositoryEnvironment:RepositoryEnvironment": [
    planEnvironment({ repository: "r", environment: "e", secrets: {} }).environment,
  ],
  // Made in the component from the plan's names and values.
  "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret": [{ value: "v" }],
  "random:index/randomPassword:RandomPassword": [planRandom(8)],
  "command:local:Command": [deploy],
};

describe.each(Object.keys(UNDECLARED))("%s", (type) => {
  const table = UNDECLARED[type] ?? {};
  const [file, args] = SDK[type] ?? ["", ""];

  it("has an entry for every optional input of its SDK type, and for nothing else", () => {
    const optional = optionalInputs(file, args);
    expect(optional.length).toBeGreaterThan(0);
    expect(Object.keys(table).sort()).toEqual(optional);
  });

  it("declares what the table says is declared, and nothing that it says is not", () => {
    const given = (name: string) =>
      (PLANS[type] ?? []).some((plan) => (plan as Readonly<Record<string, unknown>>)[name] !== undefined);
    for (const [name, { choice, why }] of Object.entries(table)) {
      expect(why, name).not.toBe("");
      // A comment is the catalog's where it has one.
      if (name !== "comment") expect(given(name), name).toBe(choice === "declared");
    }
  });
});

describe("a project", () => {
  const of = (spec: object) => planProject({ name: "a", repository: "a/b", ...spec });

  it("exposes Vercel's own variables and protects against skew, unless it is told otherwise", () => {
    expect(of({})).toMatchObject({
      automaticallyExposeSystemEnvironmentVariables: true,
      skewProtection: "12 hours",
      prioritiseProductionBuilds: true,
    });
    expect(of({ systemVariables: false, skewProtection: "1 day" })).toMatchObject({
      automaticallyExposeSystemEnvironmentVariables: false,
      skewProtection: "1 day",
    });
    expect(of({ skewProtection: "off" })).not.toHaveProperty("skewProtection");
  });

  it("keeps the protection that a person has set, as long as none is declared", () => {
    expect(ignoredIn(project, of({}))).toEqual([
      "optionsAllowlist",
      "passwordProtection",
      "trustedIps",
      "trustedSources",
    ]);
    expect(ignoredIn(project, { ...of({}), trustedIps: {} })).not.toContain("trustedIps");
  });
});

describe("a GitHub environment", () => {
  const of = (spec: object) => planEnvironment({ repository: "r", environment: "e", secrets: {}, ...spec });

  it("declares no protection of its own accord and ignores all that a person has set", () => {
    expect(of({}).environment).toEqual({ repository: "r", environment: "e" });
    expect(of({}).ignoreChanges).toEqual([
      "canAdminsBypass",
      "deploymentBranchPolicy",
      "preventSelfReview",
      "reviewers",
      "waitTimer",
    ]);
  });

  it("follows what is declared", () => {
    const { environment, ignoreChanges } = of({
      reviewers: { users: [1] },
      waitMinutes: 10,
      branches: "protected",
      preventSelfReview: true,
      adminsBypass: false,
    });
    expect(environment).toEqual({
      repository: "r",
      environment: "e",
      reviewers: [{ users: [1], teams: [] }],
      waitTimer: 10,
      deploymentBranchPolicy: { protectedBranches: true, customBranchPolicies: false },
      preventSelfReview: true,
      canAdminsBypass: false,
    });
    expect(ignoreChanges).toEqual([]);
  });
});

describe("protection is taken away", () => {
  const environment = "github:index/repositoryEnvironment:RepositoryEnvironment";
  const projectType = "vercel:index/project:Project";

  it.each([
    [environment, "waitTimer", 30, undefined],
    [environment, "waitTimer", 30, 10],
    [environment, "reviewers", 7, undefined],
    [environment, "reviewers", 7, 8],
    [environment, "deploymentBranchPolicy", true, undefined],
    [environment, "preventSelfReview", true, false],
    [environment, "canAdminsBypass", false, true],
    [projectType, "vercelAuthentication", "all_deployments", "none"],
    [projectType, "vercelAuthentication", "standard_protection_new", "only_preview_deployments"],
    [projectType, "passwordProtection", "[secret]", undefined],
    [projectType, "trustedIps", "[secret]", undefined],
    [projectType, "optionsAllowlist", undefined, "/api"],
    [projectType, "gitForkProtection", true, false],
  ])("%s %s: %s → %s", (type, input, old, next) => {
    expect(takesProtection(type, input, old, next)).toBe(true);
  });

  it.each([
    [environment, "waitTimer", undefined, 30],
    [environment, "waitTimer", 10, 30],
    [environment, "reviewers", undefined, 7],
    [environment, "canAdminsBypass", true, false],
    [projectType, "vercelAuthentication", "none", "all_deployments"],
    [projectType, "framework", "astro", "vite"],
  ])("not by %s %s: %s → %s", (type, input, old, next) => {
    expect(takesProtection(type, input, old, next)).toBe(false);
  });

  it("never by a change that is none", () => {
    const value = fc.oneof(fc.boolean(), fc.integer(), fc.string(), fc.constant(undefined));
    const names = fc.constantFrom(
      ...Object.entries(UNDECLARED).flatMap(([type, t]) => Object.keys(t).map((n) => [type, n] as const)),
    );
    fc.assert(fc.property(names, value, ([type, name], same) => !takesProtection(type, name, same, same)));
  });
});

describe("an input that nobody declares", () => {
  it("is silent where nothing is sent, and not where null or a default is", () => {
    const type = "vercel:index/project:Project";
    expect(["resourceConfig", "buildMachineType", "nodeVersion"].map((name) => isSilent(type, name))).toEqual([
      true,
      true,
      true,
    ]);
    expect(["buildCommand", "skewProtection", "gitForkProtection", "x"].map((name) => isSilent(type, name))).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
