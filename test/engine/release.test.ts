import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { Estate, type Ran } from "../support/estate.ts";

// One site's release under plain `pulumi`, which finds the plugin by Pulumi.yaml. The tests follow on each other: they tell
// the life of one site, from the time before there were releases. What breaks when these fail: an estate that exists
// already builds everything anew when it takes releases up, and what is done by hand stays unseen.

const HOST = "shop.qmoney.de";
const SHA_1 = "1".repeat(40);
const SHA_2 = "2".repeat(40);
const estate = new Estate([{ name: "unused" }], "none");
const dir = join(estate.dir, "one-site");

const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import * as vercel from "@pulumiverse/vercel";
import { SitefleetProvider } from "${PROJECT_ROOT}/provider/sdk/release.ts";
import { VercelSite } from "${PROJECT_ROOT}/components/vercel-site/vercel-site.ts";
import { planSite } from "${PROJECT_ROOT}/components/vercel-site/plan.ts";

const { WAY, COMMIT } = process.env;
const host = ${JSON.stringify(HOST)};
const spec = {
  host,
  commit: COMMIT,
  project: { kind: "own", name: "shop", repository: "acme/sites", framework: "nextjs" },
};
const providers = { vercel: new vercel.Provider("vercel", { team: "MarketingFunnelEmpire" }) };

// As sites were declared before there were releases: a deployment that takes the host by itself.
class Before extends pulumi.ComponentResource {
  constructor() {
    super("sitefleet:vercel:Site", host, {}, { providers });
    const { autoAssignCustomDomains: _, ...args } = planSite(spec).project;
    const { id: projectId } = new vercel.Project(host, args, { parent: this });
    new vercel.ProjectDomain(host, { projectId, domain: host }, { parent: this });
    const args2 = { projectId, ref: COMMIT, production: true, deleteOnDestroy: false };
    new vercel.Deployment(host, args2, { parent: this });
  }
}

if (WAY === "deployment") new Before();
else {
  providers.sitefleet = new SitefleetProvider("sitefleet", { vercelTeam: "MarketingFunnelEmpire" });
  new VercelSite(host, spec, { providers });
}
`;

beforeAll(async () => {
  await estate.start();
  mkdirSync(dir);
  symlinkSync(join(PROJECT_ROOT, "node_modules"), join(dir, "node_modules"));
  writeFileSync(join(dir, "index.js"), PROGRAM);
  writeFileSync(join(dir, "package.json"), JSON.stringify({ type: "module", main: "index.js" }));
  const plugins = { providers: [{ name: "sitefleet", path: join(PROJECT_ROOT, "provider/bin") }] };
  const runtime = { name: "nodejs", options: { typescript: false } };
  // JSON is YAML.
  writeFileSync(join(dir, "Pulumi.yaml"), JSON.stringify({ name: "one-site", runtime, plugins }));
  await pulumi("stack", "init", "dev");
});
afterAll(() => estate.remove());

async function pulumi(...args: string[]): Promise<Ran> {
  const [commit, way] = [process.env.COMMIT ?? SHA_1, process.env.WAY ?? "release"];
  const env = { ...estate.env(), COMMIT: commit, WAY: way };
  const ran = await estate.run("pulumi", ["-C", dir, "--non-interactive", "--color", "never", ...args], env);
  return ran;
}

/** An update that must succeed; what it printed. */
async function up(settings: { commit: string; way?: "deployment"; args?: string[] }): Promise<string> {
  Object.assign(process.env, { COMMIT: settings.commit, WAY: settings.way ?? "release" });
  const { code, stdout, stderr } = await pulumi("up", "--yes", "--skip-preview", ...(settings.args ?? []));
  expect(code, stdout + stderr).toBe(0);
  return stdout;
}

interface Project {
  readonly id: string;
  readonly name: string;
  readonly production: string;
}
interface Deployment {
  readonly id: string;
  readonly projectId: string;
  readonly commit: string;
}

async function inventory(): Promise<{ project: Project; deployments: Deployment[] }> {
  const { vercel } = (await estate.control("/inventory")) as {
    vercel: { projects: Project[]; deployments: Deployment[] };
  };
  const project = vercel.projects.find(({ name }) => name === "shop")!;
  return { project, deployments: vercel.deployments.filter(({ projectId }) => projectId === project.id) };
}

async function served(): Promise<string | undefined> {
  const { project, deployments } = await inventory();
  return deployments.find(({ id }) => id === project.production)?.commit;
}

async function vercel(method: string, path: string, body: unknown): Promise<void> {
  const { VERCEL_API_URL, VERCEL_API_TOKEN } = estate.env();
  const answer = await fetch(`${VERCEL_API_URL}${path}?slug=MarketingFunnelEmpire`, {
    method,
    headers: { authorization: `Bearer ${VERCEL_API_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(answer.ok, await answer.text()).toBe(true);
}

it("takes over what a site's deployment has made live: nothing is built, promoted or deleted", async () => {
  await up({ commit: SHA_1, way: "deployment" });
  const before = await inventory();
  const printed = await up({ commit: SHA_1 });
  expect(printed).toContain("vercel:Release");
  expect(await inventory()).toEqual(before);
  const { stdout } = await pulumi("stack", "export");
  expect(stdout).not.toContain("deployment:Deployment");
  expect(stdout).toContain(`"deploymentId": "${before.project.production}"`);
  expect((await pulumi("preview", "--refresh", "--expect-no-changes")).code).toBe(0);
});

it("puts another commit live, and goes back without a build", async () => {
  await up({ commit: SHA_2 });
  expect(await served()).toBe(SHA_2);
  await up({ commit: SHA_1 });
  expect(await served()).toBe(SHA_1);
  expect((await inventory()).deployments.map(({ commit }) => commit).sort()).toEqual([SHA_1, SHA_2]);
});

it("shows in a refresh what was promoted by hand or set to take the hosts by itself, and puts it right", async () => {
  const { project, deployments } = await inventory();
  const other = deployments.find(({ commit }) => commit === SHA_2)!;
  await vercel("POST", `/v10/projects/${project.id}/promote/${other.id}`, {});
  await vercel("PATCH", `/v9/projects/${project.id}`, { autoAssignCustomDomains: true });
  const { code, stdout } = await pulumi("preview", "--refresh", "--diff", "--expect-no-changes");
  expect(code).not.toBe(0);
  expect(stdout).toMatch(/autoAssignCustomDomains\s*: true => false/);
  expect(stdout).toMatch(new RegExp(`ref\\s*: "${SHA_2}" => "${SHA_1}"`));
  await up({ commit: SHA_1, args: ["--refresh"] });
  expect(await served()).toBe(SHA_1);
  expect((await pulumi("preview", "--refresh", "--expect-no-changes")).code).toBe(0);
});

it("keeps a failed release out of sight and in the state, and the next run goes on", async () => {
  const behave = (body: unknown) =>
    estate.control("/vercel", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const third = "3".repeat(40);
  process.env.COMMIT = third;
  await behave({ releases: [{ match: { commit: third }, serve: { status: 500 } }] });
  const failed = await pulumi("up", "--yes", "--skip-preview");
  expect(failed.code).not.toBe(0);
  expect(failed.stdout + failed.stderr).toContain("release.check-failed");
  expect(await served()).toBe(SHA_1);
  expect((await pulumi("stack", "export")).stdout).toContain('"code": "release.check-failed"');
  await behave({});
  await up({ commit: third });
  expect(await served()).toBe(third);
  expect((await inventory()).deployments.filter(({ commit }) => commit === third)).toHaveLength(1);
});

it("leaves what is live alone when only the release leaves the program, and can be imported again", async () => {
  const { stdout } = await pulumi("stack", "export");
  const urn = /"urn": "([^"]*vercel:Release::[^"]*)"/.exec(stdout)?.[1] ?? "";
  expect((await pulumi("destroy", "--yes", "--skip-preview", "--target", urn)).code).toBe(0);
  expect(await served()).toBe("3".repeat(40));
  // An imported resource has the default provider, which knows no team.
  const id = `MarketingFunnelEmpire/${(await inventory()).project.id}`;
  const again = await pulumi("import", "sitefleet:vercel:Release", "imported", id, "--yes", "--generate-code=false");
  expect(again.code, again.stdout + again.stderr).toBe(0);
});
