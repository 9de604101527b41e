import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { comparisons, killChecks } from "../../../bench/cases/n-checks.ts";
import { attributesOf, literal, value } from "../../../bench/tofu/attributes.ts";
import { findPrograms, STAND_INS, versionOf } from "../../../bench/tofu/find.ts";
import { modules } from "../../../bench/tofu/modules.ts";
import { type Declared, ONE_ROOT, oneRoot, SHARED_ROOT, splitRoots } from "../../../bench/tofu/roots.ts";
import { doubledIn, objectsAt, objectsIn, plannedIn } from "../../../bench/tofu/said.ts";
import { planSite } from "../../../components/vercel-site/plan.ts";
import { textOf } from "../docs/markdown.ts";

// What breaks when these fail: OpenTofu is compared on other resources than ours, or its figures are read wrongly.

const COMMIT = "3f0c8a1e5d7b94260af1c3e8d95b7a2046c81df3";
const own = (host: string) => ({
  host,
  project: { kind: "own" as const, name: host.replaceAll(".", "-"), repository: "acme/sites", rootDirectory: "a" },
  commit: COMMIT,
});
const DECLARED: Declared = {
  team: "acme",
  shared: [{ name: "quiz", repository: "acme/kit", wildcardDomains: ["*.qmoney.de"] }],
  cells: new Map([
    ["prod-cell-01", { kind: "cell", sites: [own("a.qmoney.de"), own("b.qmoney.de")] }],
    [
      "prod-cell-02",
      { kind: "cell", sites: [{ host: "c.qmoney.de", project: { kind: "shared", name: "quiz" } }, own("d.qmoney.de")] },
    ],
  ]),
};

/** The module calls of a root. */
function calls(files: Readonly<Record<string, string>>, root: string): Record<string, Record<string, unknown>> {
  return JSON.parse(files[`${root}/main.tf.json`] ?? "{}").module ?? {};
}

describe("Terraform modules", () => {
  it("declare what our plan gives the Pulumi provider, under the names of the Terraform provider", () => {
    const { project } = planSite({
      ...own("a.qmoney.de"),
      variables: [{ key: "A", value: "1", targets: ["preview"] }],
    });
    expect(attributesOf(project ?? {})).toMatchObject({
      name: "a-qmoney-de",
      root_directory: "a",
      git_repository: { type: "github", repo: "acme/sites" },
      environment: [{ key: "A", value: "1", target: ["preview"], sensitive: false }, { key: "SITE_HOST" }],
      vercel_authentication: { deployment_type: "standard_protection_new" },
      automatically_expose_system_environment_variables: true,
    });
    expect(() => attributesOf({ name: Promise.resolve("later") })).toThrow(TypeError);
  });

  it("refer to no variable that they do not declare, and are called with no other", () => {
    const used = Object.entries(modules()).map(([path, text]) => {
      const { variable } = JSON.parse(text) as { variable: Record<string, object> };
      const names = [...text.matchAll(/\bvar\.(\w+)/g)].map(([, name = ""]) => name);
      expect([...new Set(names)].sort()).toEqual(Object.keys(variable).sort());
      return [dirname(path), variable] as const;
    });
    const declared = new Map<string, Record<string, object>>(used);
    const all = Object.values(calls(oneRoot(DECLARED), ONE_ROOT));
    expect(all).toHaveLength(5);
    for (const { source, ...given } of all) {
      const variables = declared.get(String(source).replace("../", "")) ?? {};
      const needed = Object.entries(variables).filter(([, one]) => !("default" in one));
      expect(Object.keys(variables)).toEqual(expect.arrayContaining(Object.keys(given)));
      expect(Object.keys(given)).toEqual(expect.arrayContaining(needed.map(([name]) => name)));
    }
  });

  it("have the same sites split as in one state, each in the root of its cell, and the shared projects apart", () => {
    const [one, split] = [oneRoot(DECLARED), splitRoots(DECLARED)];
    const roots = [SHARED_ROOT, ...DECLARED.cells.keys()];
    expect(
      Object.keys(split)
        .filter((path) => !path.startsWith("modules/"))
        .sort(),
    ).toEqual(roots.map((root) => `${root}/main.tf.json`).sort());
    const names = roots.flatMap((root) => Object.keys(calls(split, root)));
    expect(names.sort()).toEqual(Object.keys(calls(one, ONE_ROOT)).sort());
    expect(names).toHaveLength(new Set(names).size);
    expect(calls(split, "prod-cell-01").site_a_qmoney_de).toEqual(calls(one, ONE_ROOT).site_a_qmoney_de);
    expect(calls(one, ONE_ROOT).site_c_qmoney_de?.project_id).toBe(value("module.shared_quiz.project_id"));
    expect(calls(split, "prod-cell-02").site_c_qmoney_de?.project_id).toBe(
      value("data.terraform_remote_state.shared.outputs.shared_quiz"),
    );
    expect(JSON.parse(split["prod-cell-01/main.tf.json"] ?? "").data).toBeUndefined();
  });

  it("take a text that looks like a template as text", () => {
    expect([literal(value("b")), literal("%{c}")]).toEqual(["$$" + "{b}", "%%{c}"]);
  });
});

describe("what OpenTofu says", () => {
  it("is read off its summary, and is nothing where there is none", () => {
    expect(plannedIn("…\nPlan: 33 to add, 2 to change, 0 to destroy.\n")).toEqual({ created: 33, changed: 2 });
    expect(plannedIn("Plan: 1 to import, 4 to add, 0 to change, 0 to destroy.")).toEqual({ created: 4, changed: 0 });
    expect(plannedIn("No changes.")).toEqual({ created: 0, changed: 0 });
  });

  it("is compared with the vendor object by object, data sources and Vercel's own domains aside", () => {
    const instance = (attributes: Record<string, unknown>) => [{ attributes }];
    const known = objectsIn([
      {
        resources: [
          { mode: "managed", type: "vercel_project", instances: instance({ id: "prj_1" }) },
          {
            mode: "managed",
            type: "vercel_project_domain",
            instances: instance({ id: "x", domain: "a.de", project_id: "prj_1" }),
          },
          { mode: "data", type: "terraform_remote_state", instances: instance({ id: "prj_2" }) },
        ],
      },
    ]);
    const vendor = {
      projects: [{ id: "prj_1" }, { id: "prj_2" }],
      domains: [
        { name: "a.de", projectId: "prj_1" },
        { name: "prj-1.vercel.app", projectId: "prj_1" },
      ],
      deployments: ["dpl_1", "dpl_2"].map((id) => ({ id, projectId: "prj_1", commit: COMMIT })),
    };
    expect(objectsAt(vendor).filter((one) => !known.has(one))).toEqual(["prj_2", "dpl_1", "dpl_2"]);
    expect(doubledIn(vendor)).toBe(1);
  });
});

describe("the programs", () => {
  let dir = "";
  const program = (path: string) => {
    mkdirSync(join(dir, dirname(path)), { recursive: true });
    writeFileSync(join(dir, path), "#!/bin/sh\n");
    chmodSync(join(dir, path), 0o755);
  };
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "bench-programs-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("are needed all three, the plugin a real one; what is not there is named", () => {
    const env = { PATH: [join(dir, "bin"), STAND_INS].join(":"), HOME: dir };
    expect(findPrograms(env)).toMatch(
      /tofu.*terraform-provider-vercel.*SITEFLEET_BENCH_PROVIDERS.*pulumi-resource-vercel/,
    );
    program("bin/tofu");
    program("bin/terraform-provider-vercel_v5.4.1");
    expect(findPrograms(env)).toMatch(/^it lacks the real `pulumi-resource-vercel` on PATH$/);
    program("bin/pulumi-resource-vercel");
    expect(findPrograms(env)).toMatchObject({
      tofu: join(dir, "bin/tofu"),
      version: "5.4.1",
      plugins: join(dir, "bin"),
    });
  });

  it("are found in a mirror of OpenTofu's and in the folder that is named, which comes first", () => {
    for (const name of ["tofu", "pulumi-resource-vercel"]) program(`bin/${name}`);
    const env = { PATH: join(dir, "bin"), HOME: dir };
    const mirrored =
      ".terraform.d/plugins/registry.opentofu.org/vercel/vercel/4.2.0/linux_amd64/terraform-provider-vercel";
    program(mirrored);
    expect(findPrograms(env)).toMatchObject({ provider: join(dir, mirrored), version: "4.2.0" });
    program("mine/terraform-provider-vercel");
    const named = findPrograms({ ...env, SITEFLEET_BENCH_PROVIDERS: join(dir, "mine") });
    expect(named).toMatchObject({ provider: join(dir, "mine/terraform-provider-vercel"), version: "0.0.1" });
    expect(versionOf("/x/terraform-provider-vercel_v5.10.0_x5")).toBe("5.10.0");
  });
});

describe("the comparison", () => {
  const cost = { cpu: 4, providers: 0, vendors: 0, peak: 0, providersResident: 0, processes: 1, foreign: 0 };
  const row = (variant: string, sites: number, wall: number) => ({
    variant,
    operation: "review of 3 changed",
    sites,
    stacks: 3,
    cost: { ...cost, wall },
  });

  it("holds ours to the split one at the size of the targets alone, and never divides by what was not measured", () => {
    const rows = [300, 1500].flatMap((sites) => [
      row("ours", sites, 3),
      row("ours, 64 cells", sites, 4),
      row("OpenTofu, split", sites, 2),
    ]);
    const checks = comparisons(rows);
    expect(
      checks.filter(({ target }) => target).map(({ claim, value, target }) => [claim, value, target?.value]),
    ).toEqual([
      ["review of 3 changed of 1500 sites, real providers: ours, wall time", 3, 2.2],
      ["review of 3 changed of 1500 sites, real providers: ours against OpenTofu, split, wall time", 1.5, 1],
    ]);
    expect(comparisons([row("OpenTofu, split", 1500, 2)])).toEqual([]);
  });

  it("asks of ours alone that a kill loses and doubles nothing", () => {
    const killed = { row: row("", 300, 9), runs: 1, lostAtFirst: 7, lost: 0, doubled: 0 };
    expect(killChecks("ours", killed).filter(({ target }) => target)).toHaveLength(3);
    expect(killChecks("OpenTofu, one state", killed).filter(({ target }) => target)).toEqual([]);
  });
});

it("the page and the help name the part", () => {
  expect(textOf("docs/performance.md")).toMatch(/\*\*\(n\)\*\*/);
});
