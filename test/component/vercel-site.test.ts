import * as pulumi from "@pulumi/pulumi";
import * as vercel from "@pulumiverse/vercel";
import { describe, expect, it, vi } from "vitest";
import { VercelSite } from "../../components/vercel-site/vercel-site.ts";
import { SitefleetProvider } from "../../provider/sdk/release.ts";
import { ofType, registered } from "../support/mocks.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const own = {
  kind: "own",
  name: "shop-qmoney-de",
  repository: "acme/shops",
  rootDirectory: "apps/shop",
  framework: "nextjs",
} as const;

describe("VercelSite with a project of its own", () => {
  it("registers exactly project, domain and release, each with the provider it was given", async () => {
    const all = await registered(() => {
      const provider = new vercel.Provider("named", { team: "acme" });
      new VercelSite(
        "shop.qmoney.de",
        { host: "shop.qmoney.de", project: own, commit },
        { providers: { vercel: provider, sitefleet: new SitefleetProvider("ours") } },
      );
    });
    const children = all.filter(({ provider }) => provider !== "");
    expect(children.map(({ type, name }) => [type, name])).toEqual([
      ["sitefleet:vercel:Release", "shop.qmoney.de"],
      ["vercel:index/project:Project", "shop.qmoney.de"],
      ["vercel:index/projectDomain:ProjectDomain", "shop.qmoney.de"],
    ]);
    const providers = ["sitefleet::ours", "vercel::named", "vercel::named"];
    expect(children.map(({ provider }) => provider)).toEqual(
      providers.map((name) => expect.stringContaining(`pulumi:providers:${name}`)),
    );
  });

  it("pins the commit, names the host that must serve it and the project, and leaves the hosts to the release alone", async () => {
    const all = await registered(() => new VercelSite("s", { host: "shop.qmoney.de", project: own, commit }));
    expect(ofType(all, "sitefleet:vercel:Release")[0]?.inputs).toEqual({
      projectId: "s-id",
      ref: commit,
      // Another directory, framework or variable at the same commit is built again.
      buildSettings: {
        rootDirectory: "apps/shop",
        framework: "nextjs",
        variables: expect.stringMatching(/^[0-9a-f]{12}$/),
      },
      repository: { type: "github", repo: "acme/shops" },
      hosts: ["shop.qmoney.de"],
      check: { path: "/", inconclusive: "promote" },
    });
    expect(ofType(all, "vercel:index/project:Project")[0]?.inputs).toMatchObject({
      name: "shop-qmoney-de",
      framework: "nextjs",
      rootDirectory: "apps/shop",
      gitRepository: { type: "github", repo: "acme/shops" },
      vercelAuthentication: { deploymentType: "standard_protection_new" },
      previewDeploymentsDisabled: true,
      autoAssignCustomDomains: false,
    });
  });

  it("is promoted unchecked, or checked otherwise, only where that is declared", async () => {
    const check = { path: "/health", statuses: [204] };
    const all = await registered(() => {
      new VercelSite("a", { host: "a.qmoney.de", project: own, commit, release: { check: false } });
      const release = { check, deadlines: { buildSeconds: 60 } };
      new VercelSite("b", { host: "b.qmoney.de", project: own, commit, release });
    });
    const [a, b] = ofType(all, "sitefleet:vercel:Release").map(({ inputs }) => inputs);
    expect(a).not.toHaveProperty("check");
    expect(b).toMatchObject({ check, deadlines: { buildSeconds: 60 } });
  });

  it("sets variables inline, sorted, without a resource a variable", async () => {
    const variables = [
      { key: "ZED", value: "1" },
      { key: "ALPHA", value: "2", targets: ["production" as const] },
    ];
    const all = await registered(
      () => new VercelSite("s", { host: "shop.qmoney.de", project: own, commit, variables }),
    );
    expect(ofType(all, "vercel:index/project:Project")[0]?.inputs.environments).toEqual([
      { key: "ALPHA", value: "2", targets: ["production"], sensitive: false },
      { key: "SITE_HOST", value: "shop.qmoney.de", targets: ["preview", "production"], sensitive: false },
      { key: "ZED", value: "1", targets: ["preview", "production"], sensitive: false },
    ]);
    expect(all.some(({ type }) => type.includes("EnvironmentVariable"))).toBe(false);
  });

  it("lets a transform change a child's arguments last", async () => {
    const transform = { project: (args: vercel.ProjectArgs) => ({ ...args, buildMachineType: "enhanced" }) };
    const all = await registered(
      () => new VercelSite("s", { host: "shop.qmoney.de", project: own, commit, transform }),
    );
    expect(ofType(all, "vercel:index/project:Project")[0]?.inputs.buildMachineType).toBe("enhanced");
  });
});

describe("VercelSite on a shared project", () => {
  // Breaks when a domain that another account holds is called fine while visitors get a 404.
  it("says of a domain that is not verified which record Vercel asks for", async () => {
    const verifications = [
      { type: "TXT", domain: "_vercel.qmoney.de", value: "vc-domain-verify=a.qmoney.de,123", reason: "pending" },
    ];
    const project = { kind: "shared", projectId: "prj_1" } as const;
    const verdicts: (boolean | string)[] = [];
    const log = vi.spyOn(pulumi.log, "error").mockImplementation(async (text) => void verdicts.push(text));
    for (const verified of [true, false]) {
      let done: Promise<unknown> | undefined;
      const declare = () => {
        const site = new VercelSite("s", { host: "a.qmoney.de", project });
        done = new Promise((resolve) => site.verified.apply((one) => resolve(verdicts.push(one))));
      };
      await registered(declare, { verified, verifications });
      await done;
    }
    log.mockRestore();
    expect(verdicts).toEqual([
      true,
      expect.stringContaining("_vercel.qmoney.de TXT vc-domain-verify=a.qmoney.de,123"),
      false,
    ]);
  });

  it("is one domain resource", async () => {
    const all = await registered(
      () => new VercelSite("s", { host: "a.qmoney.de", project: { kind: "shared", projectId: "prj_1" } }),
    );
    expect(all.map(({ type, inputs }) => [type, inputs])).toEqual([
      ["sitefleet:vercel:Site", {}],
      ["vercel:index/projectDomain:ProjectDomain", { projectId: "prj_1", domain: "a.qmoney.de" }],
    ]);
  });
});
