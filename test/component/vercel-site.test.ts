import * as vercel from "@pulumiverse/vercel";
import { describe, expect, it } from "vitest";
import { VercelSite } from "../../components/vercel-site/vercel-site.ts";
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
  it("registers exactly project, domain and deployment, each with the provider it was given", async () => {
    const all = await registered(() => {
      const provider = new vercel.Provider("named", { team: "acme" });
      new VercelSite(
        "shop.qmoney.de",
        { host: "shop.qmoney.de", project: own, commit },
        { providers: { vercel: provider } },
      );
    });
    const children = all.filter(({ type }) => type.startsWith("vercel:"));
    expect(children.map(({ type, name }) => [type, name])).toEqual([
      ["vercel:index/deployment:Deployment", "shop.qmoney.de"],
      ["vercel:index/project:Project", "shop.qmoney.de"],
      ["vercel:index/projectDomain:ProjectDomain", "shop.qmoney.de"],
    ]);
    for (const child of children) expect(child.provider).toContain("pulumi:providers:vercel::named");
  });

  it("pins the commit, keeps earlier deployments and names the project, or a rollback has nothing to go back to", async () => {
    const all = await registered(() => new VercelSite("s", { host: "shop.qmoney.de", project: own, commit }));
    expect(ofType(all, "vercel:index/deployment:Deployment")[0]?.inputs).toEqual({
      projectId: "s-id",
      ref: commit,
      production: true,
      deleteOnDestroy: false,
    });
    expect(ofType(all, "vercel:index/project:Project")[0]?.inputs).toMatchObject({
      name: "shop-qmoney-de",
      framework: "nextjs",
      rootDirectory: "apps/shop",
      gitRepository: { type: "github", repo: "acme/shops" },
      vercelAuthentication: { deploymentType: "standard_protection_new" },
      previewDeploymentsDisabled: true,
    });
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
