import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expectedSteps, stepsFromNothing } from "../../../../fleet/budget/expected.ts";
import { limitsOfCall } from "../../../../fleet/budget/limits-of-call.ts";
import { certificateDomains, needOfStep, needOfSteps } from "../../../../fleet/budget/need.ts";
import { limitSpecs } from "../../../../fleet/budget/spec.ts";
import { loadCatalog } from "../../../../model/index.ts";
import { limitRules } from "../../../../sandbox/core/index.ts";
import type { CellState } from "../../../../stacks/desired.ts";
import { PROJECT_ROOT } from "../../../../stacks/root.ts";
import { resourceType, VENDORS } from "../../../../vendors/index.ts";

// What breaks: a stack is started with less budget than it needs, and its provider meets a 429.

const catalog = loadCatalog(join(PROJECT_ROOT, "catalog"));
const type = (name: string) => `vercel:index/${name}`;

describe("what a change costs", () => {
  it("of a new site with a project of its own", () => {
    const host = "a.qmoney.de";
    const steps = [
      { op: "create", type: type("project:Project"), name: host },
      { op: "create", type: type("projectDomain:ProjectDomain"), name: host },
      { op: "create", type: "sitefleet:vercel:Release", name: host },
    ];
    expect(needOfSteps(steps, () => "qmoney.de")).toEqual({
      "vercel.project-create": 1,
      "vercel.variable-read": 1,
      "vercel.project-domain-add": 1,
      "vercel.deployment-create-5min": 1,
      "vercel.deployment-create-hour": 1,
      "vercel.deployment-create-day": 1,
      "vercel.concurrent-builds": 1,
      "letsencrypt.certificates:qmoney.de": 1,
    });
  });

  it("of a secret: four calls, one of which creates", () => {
    const secret = { op: "create", type: "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret", name: "A" };
    expect(needOfStep(secret)).toEqual({ "github.workflow-token-calls": 4, "github.content-create": 1 });
  });

  it("of a replacement is that of both its parts; of components and unchanged resources nothing", () => {
    expect(needOfStep({ op: "replace", type: "cloudflare:index/dnsRecord:DnsRecord", name: "x" })).toEqual({
      "cloudflare.api-calls": 2,
    });
    expect(needOfStep({ op: "create", type: "sitefleet:vercel:Site", name: "x" })).toEqual({});
    expect(needOfStep({ op: "same", type: type("project:Project"), name: "x" })).toEqual({});
  });

  it("is counted by limits that limits.yaml has and the sandbox enforces at the same calls", () => {
    const specs = new Set(limitSpecs(catalog.limits).map(({ id }) => id));
    const rules = limitRules(catalog.limits);
    const costs = VENDORS.flatMap(({ name, types }) =>
      Object.values(types).flatMap(({ calls }) => (calls ? [{ vendor: name, calls }] : [])),
    );
    expect(costs.length).toBeGreaterThan(10);
    for (const { vendor, calls } of costs) {
      const { source: _, ...all } = calls;
      for (const pattern of Object.values(all).flat()) {
        const [method = "", path = ""] = pattern.split(" ");
        const call = { vendor, method, path: path.replaceAll("*", "x1") };
        const enforced = rules
          .filter((rule) => rule.vendor === vendor && new RegExp(rule.path ?? "").test(call.path))
          .filter((rule) => rule.method === undefined || [rule.method].flat().includes(method));
        expect([...limitsOfCall(call)].sort(), pattern).toEqual(enforced.map(({ id }) => id).sort());
        for (const id of limitsOfCall(call)) expect(specs).toContain(id);
      }
    }
  });
});

describe("certificates", () => {
  const of = certificateDomains([
    { name: "qmoney.de", kind: "cname" },
    { name: "remotecash.de", kind: "wildcard" },
    { name: "shop.co.uk", kind: "cname" },
  ]);

  it("are one a host in a cname zone, one in all for the names right below a wildcard zone", () => {
    expect(of("a.qmoney.de")).toBe("qmoney.de");
    expect(of("qmoney.de")).toBe("qmoney.de");
    expect(of("x.y.shop.co.uk")).toBe("shop.co.uk");
    expect(of("a.remotecash.de")).toBeUndefined();
    expect(of("*.remotecash.de")).toBe("remotecash.de");
    expect(of("a.b.remotecash.de")).toBe("remotecash.de");
    expect(of("remotecash.de")).toBe("remotecash.de");
  });
});

describe("what to expect of a stack", () => {
  const own = (host: string) => ({
    host,
    project: { kind: "own" as const, name: host, repository: "a/b", rootDirectory: "", framework: null },
    commit: "0".repeat(40),
  });
  const cell: CellState = {
    kind: "cell",
    sites: [own("a.qmoney.de"), own("b.qmoney.de"), { host: "c.qmoney.de", project: { kind: "shared", name: "s" } }],
  };

  it("is everything when it is not there, what a preview found when there was one", () => {
    expect(expectedSteps(cell)).toHaveLength(7);
    expect(expectedSteps(cell, { resources: 12, steps: [] })).toEqual([]);
  });

  it("is of a cell that is there only what its state has no room for", () => {
    expect(expectedSteps(cell, { resources: 13 })).toEqual([]);
    expect(expectedSteps(cell, { resources: 7 }).map(({ name }) => name)).toEqual([
      ...Array(3).fill("b.qmoney.de"),
      "c.qmoney.de",
    ]);
  });

  it("knows every type of the other stacks that has a cost", () => {
    const state = stepsFromNothing({
      kind: "shared",
      projects: [{ name: "p", repository: "a/b", commit: "", wildcardDomains: ["*.x.de"] }],
      zones: [
        { name: "x.de", mode: "create", kind: "wildcard", wildcard: true, target: "t", delegation: "acme-challenge" },
      ],
      environment: { owner: "a", repository: "b", environment: "e", secrets: [{ name: "S", source: "config" }] },
    });
    expect(state.map(({ type }) => type.split(":").at(-1))).toEqual([
      "Project",
      "Release",
      "ProjectDomain",
      "Zone",
      "DnsRecord",
      "DnsRecord",
      "DnsRecord",
      "RepositoryEnvironment",
      "ActionsEnvironmentSecret",
    ]);
    for (const step of state) expect(resourceType(step.type)?.calls, step.type).toBeDefined();
  });
});
