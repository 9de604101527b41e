import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Bench, bench, SHA_1, SHA_2 } from "./bench.ts";

// The resource between an engine and the sandbox's Vercel. What breaks when these fail: what visitors see while a release
// goes wrong, and whether the next run goes on or builds a second time.

type Json = Record<string, unknown>;
let b: Bench;
beforeEach(async () => {
  b = await bench();
});
afterEach(() => b.stop());

const inputsOf = (projectId: string, ref: string, more: Json = {}): Json => ({
  projectId,
  ref,
  hosts: ["shop.qmoney.de"],
  repository: { type: "github", repo: "acme/sites" },
  ...more,
});
const hostOf = "shop.qmoney.de";

/** Carries a create or update out and returns how it was refused. */
async function refused(
  run: Promise<unknown>,
): Promise<{ details: string; partial?: { id: string; properties: Json } }> {
  try {
    await run;
  } catch (error) {
    return error as { details: string; partial?: { id: string; properties: Json } };
  }
  throw new Error("was not refused");
}

const pendingOf = (partial: { properties: Json } | undefined) => (partial?.properties.pending ?? {}) as Json;
const posts = (calls: readonly string[]) => calls.filter((call) => call === "POST /v13/deployments").length;

describe("a release", () => {
  it("of a new project is built without the hosts, promoted and read back, in six calls", async () => {
    const projectId = await b.project("shop");
    const { id, properties } = await b.engine.create(inputsOf(projectId, SHA_1));
    expect(id).toBe(projectId);
    expect(properties).toMatchObject({ readyState: "READY", sha: SHA_1, promotedAt: expect.stringMatching(/^20/) });
    expect(properties).not.toHaveProperty("pending");
    expect(b.live(hostOf)).toBe(SHA_1);
    expect(b.calls()).toEqual([
      "GET /v6/deployments",
      "POST /v13/deployments",
      "GET /v13/deployments/*",
      "POST /v10/projects/*/promote/*",
      "GET /v4/aliases/shop.qmoney.de",
      "GET /v9/projects/*",
    ]);
  });

  it("finds the repository by itself where none is given", async () => {
    const projectId = await b.project("shop");
    const { repository: _, hosts: __, ...inputs } = inputsOf(projectId, SHA_1);
    await b.engine.create(inputs);
    expect(b.live(hostOf)).toBe(SHA_1);
  });

  it("of another commit keeps the old one live until the new one is promoted, and remembers it", async () => {
    b.behave({ build: { buildMs: 400 } });
    const projectId = await b.project("shop");
    const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1));
    let building = true;
    const watching = (async () => {
      const seen: (string | undefined)[] = [];
      while (building) {
        seen.push(b.live(hostOf));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return seen;
    })();
    const second = await b.engine.update(projectId, first, inputsOf(projectId, SHA_2));
    building = false;
    const seen = await watching;
    expect(seen.filter((sha) => sha === SHA_1).length).toBeGreaterThan(10);
    expect([...new Set(seen)].filter((sha) => sha !== SHA_2)).toEqual([SHA_1]);
    expect(b.live(hostOf)).toBe(SHA_2);
    expect(second).toMatchObject({ sha: SHA_2, previousDeploymentId: first.deploymentId });
  });

  it("that goes back promotes what is built, without a build, in four calls", async () => {
    const projectId = await b.project("shop");
    const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1));
    const second = await b.engine.update(projectId, first, inputsOf(projectId, SHA_2));
    b.calls();
    const back = await b.engine.update(projectId, second, inputsOf(projectId, SHA_1));
    expect(b.live(hostOf)).toBe(SHA_1);
    expect(back).toMatchObject({ deploymentId: first.deploymentId, previousDeploymentId: second.deploymentId });
    expect(b.calls()).toEqual([
      "GET /v6/deployments",
      "POST /v10/projects/*/promote/*",
      "GET /v4/aliases/shop.qmoney.de",
      "GET /v9/projects/*",
    ]);
  });

  it("whose promotion lets later deployments take the hosts switches that off again, and says so", async () => {
    b.behave({ promotion: { assignsAfterwards: true } });
    const projectId = await b.project("shop");
    const { properties } = await b.engine.create(inputsOf(projectId, SHA_1));
    expect(properties.warning).toMatch(/autoAssignCustomDomains\); that is off again/);
    expect((await b.api("GET", `/v9/projects/${projectId}`)).autoAssignCustomDomains).toBe(false);
  });

  it("is live all the same when nobody can look whether it did", async () => {
    const projectId = await b.project("shop");
    b.faults({
      faults: [
        {
          id: "look",
          vendor: "vercel",
          method: "GET",
          path: "^/v9/projects/",
          action: { type: "status", status: 403 },
        },
      ],
    });
    const { properties } = await b.engine.create(inputsOf(projectId, SHA_1));
    expect(b.live(hostOf)).toBe(SHA_1);
    expect(properties.warning).toMatch(/it is not known whether new deployments take the hosts by themselves/);
  });

  it("that somebody rolled back at Vercel is drift that says so, and the next update undoes it", async () => {
    const projectId = await b.project("shop");
    const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1));
    const second = await b.engine.update(projectId, first, inputsOf(projectId, SHA_2));
    await b.api("POST", `/v1/projects/${projectId}/rollback/${first.deploymentId}`);
    expect(b.live(hostOf)).toBe(SHA_1);
    const read = await b.engine.read(projectId, second, inputsOf(projectId, SHA_2));
    expect(read.properties).toMatchObject({ ref: SHA_1, deploymentId: first.deploymentId });
    expect(read.properties.rolledBack).toMatch(
      new RegExp(`^rolled back by hand at Vercel on 20.*Z from ${second.deploymentId} to ${first.deploymentId}$`),
    );
    const diff = await b.engine.diff(read.properties, inputsOf(projectId, SHA_2));
    expect(Object.keys(diff.detailed).sort()).toEqual(["ref", "rolledBack"]);
    const again = await b.engine.update(projectId, read.properties, inputsOf(projectId, SHA_2));
    expect(b.live(hostOf)).toBe(SHA_2);
    expect(again).not.toHaveProperty("rolledBack");
  });

  it("that was rolled back by promoting the old commit is no rollback by hand", async () => {
    const projectId = await b.project("shop");
    const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1));
    const second = await b.engine.update(projectId, first, inputsOf(projectId, SHA_2));
    await b.api("POST", `/v10/projects/${projectId}/promote/${first.deploymentId}`, {});
    const read = await b.engine.read(projectId, second, inputsOf(projectId, SHA_2));
    expect(read.properties).toMatchObject({ ref: SHA_1 });
    expect(read.properties).not.toHaveProperty("rolledBack");
  });

  it("takes over what is live already, without a build or a promotion", async () => {
    const projectId = await b.project("shop");
    const made = await b.api("POST", "/v13/deployments", {
      project: projectId,
      name: "shop",
      target: "production",
      gitSource: { type: "github", org: "acme", repo: "sites", ref: SHA_1 },
    });
    await b.api("POST", `/v10/projects/${projectId}/promote/${made.id}`, {});
    b.calls();
    const { properties } = await b.engine.create(inputsOf(projectId, SHA_1));
    expect(properties).toMatchObject({ deploymentId: made.id, sha: SHA_1 });
    expect(b.calls()).toEqual(["GET /v6/deployments", "GET /v4/aliases/shop.qmoney.de"]);
  });

  it("builds the same commit again only when its build key changes", async () => {
    const projectId = await b.project("shop");
    const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1));
    const again = await b.engine.update(projectId, first, inputsOf(projectId, SHA_1, { buildKey: "2" }));
    expect(again.deploymentId).not.toBe(first.deploymentId);
    b.calls();
    await b.engine.update(projectId, again, inputsOf(projectId, SHA_1, { buildKey: "2", hosts: [] }));
    expect(posts(b.calls())).toBe(0);
  });

  it("does not wait for a domain that another account holds, and names the record that ends it", async () => {
    b.behave({ domains: { ownedElsewhere: ["qmoney.de"] } });
    const projectId = await b.project("shop");
    const before = Date.now();
    const failed = await refused(b.engine.create(inputsOf(projectId, SHA_1)));
    expect(Date.now() - before).toBeLessThan(20_000);
    expect(failed.details).toContain("release.domain-unverified");
    expect(failed.details).toMatch(/_vercel\.qmoney\.de TXT vc-domain-verify=shop\.qmoney\.de,\w+/);
    expect(failed.details).not.toMatch(/promot/);
    // It is built and keeps its place: the next run only looks again.
    expect(pendingOf(failed.partial)).toMatchObject({ code: "release.domain-unverified", readyState: "READY" });
    expect(posts(b.calls())).toBe(1);
  });

  describe("with other build settings at the same commit", () => {
    const settings = (rootDirectory: string) => ({ buildSettings: { rootDirectory, framework: "nextjs" } });

    it("is built again, and going back to earlier settings needs no build", async () => {
      const projectId = await b.project("shop");
      const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1, settings("a")));
      const diff = await b.engine.diff(first, inputsOf(projectId, SHA_1, settings("b")), { id: projectId });
      expect(diff.detailed).toEqual({ "buildSettings.rootDirectory": "UPDATE" });
      const second = await b.engine.update(projectId, first, inputsOf(projectId, SHA_1, settings("b")));
      expect(second).toMatchObject({ previousDeploymentId: first.deploymentId });
      expect(second.deploymentId).not.toBe(first.deploymentId);
      b.calls();
      const back = await b.engine.update(projectId, second, inputsOf(projectId, SHA_1, settings("a")));
      expect(back.deploymentId).toBe(first.deploymentId);
      expect(posts(b.calls())).toBe(0);
    });

    it("does not build an estate anew whose states know of no settings, and takes the next change for one", async () => {
      const projectId = await b.project("shop");
      const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1));
      const id = projectId;
      const inputs = inputsOf(projectId, SHA_1, settings("a"));
      expect((await b.engine.diff(first, inputs, { id, oldInputs: inputsOf(projectId, SHA_1) })).changes).toBe(false);
      // The engine has kept the new inputs beside the old outputs.
      const other = inputsOf(projectId, SHA_1, settings("b"));
      expect((await b.engine.diff(first, other, { id, oldInputs: inputs })).changes).toBe(true);
      const second = await b.engine.update(projectId, first, other, { oldInputs: inputs });
      expect(second.deploymentId).not.toBe(first.deploymentId);
      expect(b.live(hostOf)).toBe(SHA_1);
    });

    it("still takes over a deployment that does not say how it was built, as long as nothing has changed", async () => {
      const projectId = await b.project("shop");
      const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1));
      const second = await b.engine.update(projectId, first, inputsOf(projectId, SHA_2, settings("a")));
      b.calls();
      const back = await b.engine.update(projectId, second, inputsOf(projectId, SHA_1, settings("a")));
      expect(back.deploymentId).toBe(first.deploymentId);
      expect(posts(b.calls())).toBe(0);
    });

    it("goes on with the new settings after a failed build, and shows by a refresh what was promoted by hand", async () => {
      const projectId = await b.project("shop");
      const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1, settings("a")));
      b.behave({ releases: [{ match: { commit: SHA_1 }, build: {} }] });
      const failed = await refused(b.engine.update(projectId, first, inputsOf(projectId, SHA_1, settings("b"))));
      expect(failed.partial?.properties.buildSettings).toEqual(settings("a").buildSettings);
      b.behave({});
      const kept = failed.partial?.properties ?? {};
      const second = await b.engine.update(projectId, kept, inputsOf(projectId, SHA_1, settings("b")));
      expect(second.buildSettings).toEqual(settings("b").buildSettings);
      await b.api("POST", `/v10/projects/${projectId}/promote/${first.deploymentId}`, {});
      const seen = await b.engine.read(projectId, second, inputsOf(projectId, SHA_1, settings("b")));
      expect(seen.properties.buildSettings).toEqual({ digest: expect.stringMatching(/^[0-9a-f]{16}$/) });
    });
  });

  it("makes no call for changes of deadlines and checks alone", async () => {
    const projectId = await b.project("shop");
    const { properties } = await b.engine.create(inputsOf(projectId, SHA_1));
    b.calls();
    const after = await b.engine.update(
      projectId,
      properties,
      inputsOf(projectId, SHA_1, { deadlines: { buildSeconds: 60 }, check: { path: "/ok" } }),
    );
    expect(b.calls()).toEqual([]);
    expect(after).toMatchObject({ deploymentId: properties.deploymentId, check: { path: "/ok" } });
  });

  it("changes nothing at Vercel when it is deleted", async () => {
    const projectId = await b.project("shop");
    const { properties } = await b.engine.create(inputsOf(projectId, SHA_1));
    b.calls();
    await b.engine.delete(projectId, properties);
    expect(b.calls()).toEqual([]);
    expect(b.live(hostOf)).toBe(SHA_1);
  });
});

describe("a release of files", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "sitefleet-files-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  /** Writes files and returns them as the resource takes them. */
  function filesOf(content: Record<string, string>): Json {
    const entries = Object.entries(content).map(([name, text]) => {
      writeFileSync(join(dir, name), text);
      return [name, `${text.length}~${createHash("sha1").update(text).digest("hex")}`];
    });
    return { files: Object.fromEntries(entries), filesRoot: dir, hosts: [hostOf] };
  }

  it("uploads what Vercel lacks, builds once, and goes back to earlier files without a build", async () => {
    const projectId = await b.project("shop");
    const first = { projectId, ...filesOf({ "index.html": "one", "style.css": "same" }) };
    const { properties } = await b.engine.create(first);
    const served = b.live(hostOf);
    expect(b.calls().filter((call) => call === "POST /v2/files")).toHaveLength(2);
    const next = { projectId, ...filesOf({ "index.html": "two", "style.css": "same" }) };
    const second = await b.engine.update(projectId, properties, next);
    expect(b.live(hostOf)).not.toBe(served);
    expect(b.calls().filter((call) => call === "POST /v2/files")).toHaveLength(1);
    await b.engine.update(projectId, second, first);
    expect(b.live(hostOf)).toBe(served);
    expect(posts(b.calls())).toBe(0);
  });

  it("refuses a file that is not what was planned any more, before anything is built", async () => {
    const projectId = await b.project("shop");
    const inputs = { projectId, ...filesOf({ "index.html": "one" }) };
    writeFileSync(join(dir, "index.html"), "another");
    const { details } = await refused(b.engine.create(inputs));
    expect(details).toContain("index.html is not what it was");
    expect(b.vercel.inventory().deployments).toEqual([]);
  });

  it("is no difference while it is live, and one when somebody promotes other files", async () => {
    const projectId = await b.project("shop");
    const inputs = { projectId, ...filesOf({ "index.html": "one" }) };
    const { properties } = await b.engine.create(inputs);
    const second = await b.engine.update(projectId, properties, { projectId, ...filesOf({ "index.html": "two" }) });
    const read = await b.engine.read(projectId, properties, inputs);
    expect(read.properties.deploymentId).toBe(second.deploymentId);
    expect((await b.engine.diff(read.properties, inputs)).detailed).toEqual({ files: "ADD" });
  });
});

describe("a build", () => {
  it("that fails keeps its id and reason, leaves the old release live, and is built again by the next run", async () => {
    const projectId = await b.project("shop");
    const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1));
    b.behave({ releases: [{ match: { commit: SHA_2 }, build: { errorMessage: "boom" } }] });
    const { details, partial } = await refused(b.engine.update(projectId, first, inputsOf(projectId, SHA_2)));
    expect(details).toContain("release.build-failed");
    expect(details).toContain("BUILD_FAILED: boom");
    const state = partial?.properties ?? {};
    expect(state).toMatchObject({
      deploymentId: first.deploymentId,
      ref: SHA_1,
      pending: { code: "release.build-failed", readyState: "ERROR", deploymentId: expect.stringMatching(/^dpl_/) },
    });
    expect((await b.engine.diff(state, inputsOf(projectId, SHA_2))).detailed).toEqual({ ref: "UPDATE" });
    expect(b.live(hostOf)).toBe(SHA_1);
    b.behave({});
    const mended = await b.engine.update(projectId, state, inputsOf(projectId, SHA_2));
    expect(mended).not.toHaveProperty("pending");
    expect(b.live(hostOf)).toBe(SHA_2);
  });

  it("of a first release that fails is kept in the state too, with nothing live", async () => {
    b.behave({ releases: [{ match: {}, build: {} }] });
    const projectId = await b.project("shop");
    const { partial } = await refused(b.engine.create(inputsOf(projectId, SHA_1)));
    expect(partial).toMatchObject({ id: projectId, properties: { pending: { code: "release.build-failed" } } });
    expect(partial?.properties).not.toHaveProperty("deploymentId");
    expect(partial?.properties).not.toHaveProperty("ref");
    // Reading it finds what the state says: no refresh may call that a change by hand.
    const read = await b.engine.read(projectId, partial?.properties ?? {}, inputsOf(projectId, SHA_1));
    expect(read).toMatchObject({ id: projectId, properties: partial?.properties });
    const { detailed } = await b.engine.diff(read.properties, inputsOf(projectId, SHA_1));
    expect(detailed).toEqual((await b.engine.diff(partial?.properties ?? {}, inputsOf(projectId, SHA_1))).detailed);
    b.behave({});
    await b.engine.update(projectId, partial?.properties ?? {}, inputsOf(projectId, SHA_1));
    expect(b.live(hostOf)).toBe(SHA_1);
  });

  it("that takes too long fails at its deadline, and the next run goes on with it", async () => {
    b.behave({ build: { buildMs: 1500 } });
    const projectId = await b.project("shop");
    const inputs = inputsOf(projectId, SHA_1, { deadlines: { buildSeconds: 0.3 } });
    const { details, partial } = await refused(b.engine.create(inputs));
    expect(details).toContain("release.build-deadline");
    const after = await b.engine.update(projectId, partial?.properties ?? {}, inputsOf(projectId, SHA_1));
    expect(after.deploymentId).toBe(pendingOf(partial).deploymentId);
    expect(posts(b.calls())).toBe(1);
  });

  it("whose creation is lost on the way is found, not made twice", async () => {
    const projectId = await b.project("shop");
    const lost = { id: "lost", method: "POST", path: "deployments$", times: 1, action: { type: "apply-then-fail" } };
    b.faults({ faults: [lost as never] });
    await b.engine.create(inputsOf(projectId, SHA_1));
    expect(posts(b.calls())).toBe(1);
    expect(b.live(hostOf)).toBe(SHA_1);
  });

  it("that an interrupted run has begun is waited for, not made twice", async () => {
    b.behave({ build: { buildMs: 600 } });
    const projectId = await b.project("shop");
    const crashing = b.engine.create(inputsOf(projectId, SHA_1), { timeout: 0.2 });
    await refused(crashing);
    const { properties } = await b.engine.create(inputsOf(projectId, SHA_1));
    expect(properties.sha).toBe(SHA_1);
    expect(posts(b.calls())).toBe(1);
    expect(b.live(hostOf)).toBe(SHA_1);
  });

  it("is not waited for when the run is stopped: its id is kept, and the next run goes on with it", async () => {
    b.behave({ build: { buildMs: 3000 } });
    const projectId = await b.project("shop");
    const running = refused(b.engine.create(inputsOf(projectId, SHA_1)));
    await vi.waitFor(() => expect(b.vercel.inventory().deployments).toHaveLength(1), 10_000);
    await b.engine.cancel();
    const { details, partial } = await running;
    expect(details).toContain("release.interrupted");
    expect(pendingOf(partial)).toMatchObject({ deploymentId: expect.stringMatching(/^dpl_/), sha: SHA_1 });
    const after = await b.engine.update(projectId, partial?.properties ?? {}, inputsOf(projectId, SHA_1));
    expect(after.deploymentId).toBe(pendingOf(partial).deploymentId);
    expect(posts(b.calls())).toBe(1);
  });

  it("is tried again after 429 when Vercel says so", async () => {
    const projectId = await b.project("shop");
    const busy = { type: "status", status: 429, retryAfter: 1 };
    b.faults({ faults: [{ id: "busy", method: "POST", path: "deployments$", times: 1, action: busy } as never] });
    const started = Date.now();
    await b.engine.create(inputsOf(projectId, SHA_1));
    expect(Date.now() - started).toBeGreaterThanOrEqual(950);
    expect(b.live(hostOf)).toBe(SHA_1);
  });

  it("that Vercel refuses is an error with Vercel's words and no token in it", async () => {
    const projectId = await b.project("shop");
    const inputs = inputsOf(projectId, SHA_1, { repository: { type: "github", repo: "acme/nothing" } });
    b.faults({
      faults: [
        {
          id: "no",
          method: "POST",
          path: "deployments$",
          action: { type: "status", status: 400, code: "incorrect_git_source_info", message: "can't be found" },
        } as never,
      ],
    });
    const { details, partial } = await refused(b.engine.create(inputs));
    expect(details).toContain("incorrect_git_source_info: can't be found");
    expect(details).not.toContain("Abcdefgh");
    expect(partial).toBeUndefined();
  });
});

describe("a check", () => {
  it("that fails keeps the release from visitors, and the evidence", async () => {
    const projectId = await b.project("shop");
    const check = { path: "/", marker: "{ref}", tries: 2 };
    const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1, { check }));
    b.behave({ releases: [{ match: { commit: SHA_2 }, serve: { status: 500 } }] });
    const { details, partial } = await refused(
      b.engine.update(projectId, first, inputsOf(projectId, SHA_2, { check })),
    );
    expect(details).toContain("release.check-failed");
    expect(details).toContain("answers 500, not 200 to 399");
    expect(pendingOf(partial).evidence).toEqual(
      expect.arrayContaining([expect.stringMatching(/status 500 after \d+ ms, 2 tries/)]),
    );
    expect(b.live(hostOf)).toBe(SHA_1);
    expect(b.calls().filter((call) => call.includes("/promote/"))).toHaveLength(1);
  });

  it("keeps how long deployments took, so that the next ones can be held against them", async () => {
    const projectId = await b.project("shop");
    const check = { slow: { least: 1, floorMs: 200, fails: true } };
    const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1, { check }));
    expect(first.checkMs).toEqual([expect.any(Number)]);
    const second = (await b.engine.update(projectId, first, inputsOf(projectId, SHA_2, { check }))) as Json;
    expect(second.checkMs).toHaveLength(2);
    expect(second).not.toHaveProperty("warning");
  });

  it("passes deployment protection with the project's own secret", async () => {
    b.behave({ protection: "enforce" });
    const projectId = await b.project("shop");
    await b.api("PATCH", `/v9/projects/${projectId}`, { ssoProtection: { deploymentType: "all" } });
    await b.engine.create(inputsOf(projectId, SHA_1, { check: { marker: SHA_1 } }));
    expect(b.live(hostOf)).toBe(SHA_1);
  });

  it("without any answer is inconclusive: it fails, or promotes where that was asked for", async () => {
    process.env.SITEFLEET_RESOLVE = "127.0.0.1:1";
    const projectId = await b.project("shop");
    const { details, partial } = await refused(b.engine.create(inputsOf(projectId, SHA_1, { check: { tries: 1 } })));
    expect(details).toContain("release.check-inconclusive");
    const inputs = inputsOf(projectId, SHA_1, { check: { tries: 1, inconclusive: "promote" } });
    await b.engine.update(projectId, partial?.properties ?? {}, inputs);
    expect(b.live(hostOf)).toBe(SHA_1);
  });
});

describe("a run that ends at any point", () => {
  const CALL_MS = 120;

  // Look, build, watch, promote, see: the first run is cut off within each of them, and the second knows nothing of it.
  it.each([0, 1, 2, 3, 4])("within call %i is gone on with by the next, which builds nothing twice", async (call) => {
    const projectId = await b.project("shop");
    b.faults({ latency: [{ ms: CALL_MS }] } as never);
    const timeout = ((call + 0.5) * CALL_MS) / 1000;
    await refused(b.engine.create(inputsOf(projectId, SHA_1), { timeout }));
    b.faults({});
    const { properties } = await b.engine.create(inputsOf(projectId, SHA_1));
    expect(properties).toMatchObject({ sha: SHA_1, readyState: "READY" });
    expect(b.live(hostOf)).toBe(SHA_1);
    expect(b.vercel.inventory().deployments).toHaveLength(1);
  });
});

describe("a promotion", () => {
  it("that the server fails once is asked for again", async () => {
    const projectId = await b.project("shop");
    const action = { type: "status", status: 500 };
    b.faults({ faults: [{ id: "once", method: "POST", path: "/promote/", times: 1, action } as never] });
    await b.engine.create(inputsOf(projectId, SHA_1));
    expect(b.live(hostOf)).toBe(SHA_1);
  });

  it("whose answer is lost counts as done when it was", async () => {
    const projectId = await b.project("shop");
    const action = { type: "apply-then-fail", status: 502 };
    b.faults({ faults: [{ id: "lost", method: "POST", path: "/promote/", times: 1, action } as never] });
    await b.engine.create(inputsOf(projectId, SHA_1));
    expect(b.live(hostOf)).toBe(SHA_1);
  });

  it("is waited for until every host has moved", async () => {
    b.behave({ promotion: { delayMs: 500 } });
    const projectId = await b.project("shop");
    const { hosts: _, ...inputs } = inputsOf(projectId, SHA_1);
    const { properties } = await b.engine.create(inputs);
    expect(b.live(hostOf)).toBe(SHA_1);
    expect(properties.sha).toBe(SHA_1);
  });

  it("that is cut off leaves a state that says so, so that the next update looks, whatever it wants", async () => {
    const projectId = await b.project("shop");
    const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1));
    const action = { type: "status", status: 403 };
    b.faults({ faults: [{ id: "cut", method: "GET", path: "/aliases/", action } as never] });
    const { details, partial } = await refused(b.engine.update(projectId, first, inputsOf(projectId, SHA_2)));
    expect(details).toContain("release.interrupted");
    expect(b.live(hostOf)).toBe(SHA_2);
    b.faults({});
    // Somebody takes the change back: the state says SHA_1 is live, and it is not.
    const after = await b.engine.update(projectId, partial?.properties ?? {}, inputsOf(projectId, SHA_1));
    expect(after).not.toHaveProperty("pending");
    expect(b.live(hostOf)).toBe(SHA_1);
  });

  it("that never moves a host fails at its deadline and names the host", async () => {
    const projectId = await b.project("shop");
    b.behave({ promotion: { delayMs: 60_000 } });
    const inputs = inputsOf(projectId, SHA_1, { deadlines: { promotionSeconds: 0.5 } });
    const { details, partial } = await refused(b.engine.create(inputs));
    expect(details).toContain("release.promotion-deadline");
    expect(details).toContain("not moved: shop.qmoney.de");
    expect(partial?.properties.pending).toMatchObject({ readyState: "READY", sha: SHA_1 });
  });

  it("that fails is asked for three times, then names the hosts", async () => {
    const projectId = await b.project("shop");
    b.behave({ promotion: { failing: [hostOf] } });
    const { details } = await refused(b.engine.create(inputsOf(projectId, SHA_1)));
    expect(details).toContain("release.promotion-failed");
    expect(details).toContain("not moved: shop.qmoney.de");
    expect(b.calls().filter((call) => call.includes("/promote/*"))).toHaveLength(3);
  });

  it("waits for one of somebody else that is under way, then has its turn", async () => {
    const projectId = await b.project("shop");
    const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1));
    const second = await b.engine.update(projectId, first, inputsOf(projectId, SHA_2));
    b.behave({ promotion: { delayMs: 400 } });
    await b.api("POST", `/v1/projects/${projectId}/rollback/${first.deploymentId}`, {});
    const after = await b.engine.update(projectId, second, inputsOf(projectId, SHA_2, { hosts: [hostOf] }));
    expect(after.sha).toBe(SHA_2);
    expect(b.live(hostOf)).toBe(SHA_2);
  });
});

describe("what is read", () => {
  it("is what the state holds while nobody interferes: one call, no difference", async () => {
    const projectId = await b.project("shop");
    const inputs = inputsOf(projectId, SHA_1);
    const { properties } = await b.engine.create(inputs);
    b.calls();
    const read = await b.engine.read(projectId, properties, inputs);
    expect(read.properties).toEqual(properties);
    expect(read.inputs).toEqual(inputs);
    expect(b.calls()).toEqual(["GET /v9/projects/*"]);
    expect((await b.engine.diff(read.properties, inputs)).changes).toBe(false);
  });

  it("shows what somebody put live by hand, and the next update puts it right without a build", async () => {
    const projectId = await b.project("shop");
    const { properties: first } = await b.engine.create(inputsOf(projectId, SHA_1));
    const inputs = inputsOf(projectId, SHA_2);
    const second = await b.engine.update(projectId, first, inputs);
    // A promotion: a rollback by hand has a test of its own.
    await b.api("POST", `/v10/projects/${projectId}/promote/${first.deploymentId}`, {});
    const read = await b.engine.read(projectId, second, inputs);
    expect(read.properties).toMatchObject({ deploymentId: first.deploymentId, ref: SHA_1, sha: SHA_1 });
    expect(read.inputs.ref).toBe(SHA_1);
    expect((await b.engine.diff(read.properties, inputs)).detailed).toEqual({ ref: "UPDATE" });
    b.calls();
    await b.engine.update(projectId, read.properties, inputs);
    expect(posts(b.calls())).toBe(0);
    expect(b.live(hostOf)).toBe(SHA_2);
  });

  it("is nothing when the project is gone or nothing is live", async () => {
    const projectId = await b.project("shop");
    expect((await b.engine.read(projectId, { projectId }, { projectId })).id).toBe("");
    expect((await b.engine.read("prj_gone", { projectId: "prj_gone" }, { projectId: "prj_gone" })).id).toBe("");
  });

  it("can be imported by the project's id, and is then no difference to what declares it", async () => {
    const projectId = await b.project("shop");
    const { hosts: _, ...inputs } = inputsOf(projectId, SHA_1);
    await b.engine.create(inputs);
    const imported = await b.engine.read(projectId);
    expect(imported.inputs).toEqual(inputs);
    expect((await b.engine.diff(imported.properties, inputs)).changes).toBe(false);
  });
});

describe("inputs", () => {
  it.each<[string, Json, string]>([
    ["a branch", { projectId: "prj_1", ref: "main" }, "ref"],
    ["neither commit nor files", { projectId: "prj_1" }, "ref"],
    ["both", { projectId: "prj_1", ref: SHA_1, files: { a: `1~${SHA_1}` }, filesRoot: "." }, "ref"],
    ["files without their directory", { projectId: "prj_1", files: { a: `1~${SHA_1}` } }, "filesRoot"],
    [
      "a repository without owner",
      { projectId: "prj_1", ref: SHA_1, repository: { type: "github", repo: "x" } },
      "repository.repo",
    ],
    [
      "a deadline of nothing",
      { projectId: "prj_1", ref: SHA_1, deadlines: { buildSeconds: 0 } },
      "deadlines.buildSeconds",
    ],
  ])("refuse %s", async (_what, inputs, property) => {
    const { failures } = await b.engine.check(inputs);
    expect(failures.map((failure) => failure.property)).toContain(property);
  });

  it("replace the release only for another project or team", async () => {
    const projectId = await b.project("shop");
    const inputs = inputsOf(projectId, SHA_1);
    const { properties } = await b.engine.create(inputs);
    expect((await b.engine.diff(properties, { ...inputs, projectId: "prj_2" })).replaces).toEqual(["projectId"]);
    expect((await b.engine.diff(properties, { ...inputs, ref: SHA_2 })).replaces).toEqual([]);
  });
});
