// What breaks when these fail: an agent cannot work with an estate, or is told of tools otherwise than they are.
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { toolTables } from "../../../mcp/page.ts";
import { toolsOf } from "../../../mcp/server.ts";
import { SETS } from "../../../mcp/sets.ts";
import { TOOLS } from "../../../mcp/tools.ts";
import { connect, World } from "./world.ts";

vi.setConfig({ testTimeout: 60_000 });
const world = new World();
afterAll(() => world.remove());

describe.each(["auto", "legacy"] as const)("a client of the protocol's %s era", (mode) => {
  it("lists tools, resources and prompts, and calls", async () => {
    const { client, ...agent } = await connect(world.session(), mode);
    expect(client.getServerVersion()?.name).toBe("sitefleet");
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(toolsOf("orchestrator", false).map(({ name }) => name));
    for (const { name, annotations, inputSchema, outputSchema } of tools) {
      const hints = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const;
      expect([name, hints.map((hint) => typeof annotations?.[hint])]).toEqual([name, hints.map(() => "boolean")]);
      expect([name, inputSchema.additionalProperties, outputSchema?.type]).toEqual([name, false, "object"]);
    }
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(
      expect.arrayContaining(["sitefleet://catalog/sites.csv", "sitefleet://docs/reference/gates.md"]),
    );
    const page = await client.readResource({ uri: "sitefleet://catalog/sites.csv" });
    expect(JSON.stringify(page)).toContain("quiz,qmoney.de,own");
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toContain("recover");
    expect(JSON.stringify(await client.getPrompt({ name: "recover" }))).toContain("Go by this runbook");
    expect(agent).toEqual({});
    await client.close();
  });
});

describe("tools", () => {
  it("validate, analyse, cost and explain answer with data", async () => {
    const agent = await connect(world.session());
    expect((await agent.call("validate")).data).toMatchObject({ ok: true, sites: 12 });
    expect((await agent.call("analyse")).data).toMatchObject({ changes: false, to: "files" });
    expect((await agent.call("status")).data).toMatchObject({ status: "none" });
    expect((await agent.call("explain", { about: "approval.needed" })).text).toContain("docs/reference/errors.md");
    expect((await agent.call("explain", { about: "many-sites" })).text).toContain("docs/reference/gates.md");
    expect(await agent.refusal("explain", { about: "nonsense" })).toBe("mcp.unknown");
  });

  it("are made from the operations' own fields, and none takes a file, an address, a target or what lifts a rule", () => {
    const never =
      /file|dir|path|out|url|address|catalog|target|config|allow|why|approval|key|agreed|hotfix|fetch|write|resume|gone|deployment|traffic|changeSet$|token|backend/i;
    for (const { name, operation, takes } of TOOLS) {
      const missing = takes.filter((field) => !(field in operation.input.shape));
      expect([name, missing, takes.filter((field) => never.test(field) && field !== "changedPaths")]).toEqual([
        name,
        [],
        [],
      ]);
    }
  });

  it("of a role are those that it needs; runs are among them only where a person allows it", () => {
    for (const set of SETS) {
      const reads = toolsOf(set, false);
      expect(reads.some(({ kind }) => kind === "run")).toBe(false);
      expect(reads.length).toBeLessThan(40);
    }
    const runs = (set: (typeof SETS)[number]) =>
      toolsOf(set, true)
        .filter(({ kind }) => kind === "run")
        .map(({ name }) => name);
    expect(SETS.map(runs)).toEqual([
      ["up", "rollout", "rollback", "plesk_deploy"],
      ["up", "rollout", "rollback"],
      [],
      [],
    ]);
    for (const { kind, annotations } of SETS.flatMap((set) => toolsOf(set, true)))
      expect([kind, annotations.destructiveHint]).toEqual([kind, kind === "run"]);
  });
});

describe("propose_change", () => {
  it("puts the change on a branch of its own, and leaves what is checked out alone", async () => {
    const before = [world.git("rev-parse", "main"), world.git("status", "--porcelain")];
    const agent = await connect(world.session());
    const told = await agent.call("propose_change", {
      title: "Add a site: Neu!",
      edits: [{ file: "sites.csv", put: "neu,qmoney.de,own,acme/sites,sites/neu,vite,stable," }],
    });
    expect(told.isError, told.text).toBe(false);
    const { branch, commit, analysis } = told.data as {
      branch: string;
      commit: string;
      analysis: { risk: { level: string } };
    };
    expect(branch).toMatch(/^agent\/add-a-site-neu-[0-9a-f]{8}$/);
    expect([world.git("rev-parse", "main"), world.git("status", "--porcelain")]).toEqual(before);
    expect(world.git("diff", "--stat", "main", branch)).toContain("1 file changed, 1 insertion(+)");
    expect(world.git("log", "-1", "--format=%ae %P", commit)).toBe(`agent@sitefleet.invalid ${before[0]}`);
    expect(analysis.risk.level).toBe("low");
  });

  it("finds text in a file with Windows' line ends, and keeps them", async () => {
    const file = join(world.catalog, "sites.csv");
    const text = readFileSync(file, "utf8");
    const [, first = "", second = ""] = text.split("\n");
    writeFileSync(file, text.replaceAll("\n", "\r\n"));
    world.commit("line ends");
    const agent = await connect(world.session());
    const row = "fenster,qmoney.de,own,acme/sites,sites/fenster,vite,stable,";
    const edits = [{ file: "sites.csv", find: `${first}\n${second}`, put: `${first}\n${second}\n${row}` }];
    const told = await agent.call("propose_change", { title: "A window", edits });
    expect(told.isError, told.text).toBe(false);
    expect(world.git("show", `${told.data.branch}:catalog/sites.csv`)).toContain(`\r\n${row}\r\n`);
    expect(world.git("diff", "--numstat", "main", String(told.data.branch))).toMatch(/^1\t0\t/);
    expect(await agent.refusal("propose_change", { title: "\u202e\u200b\u202e", edits })).toBe("mcp.proposal");
    writeFileSync(file, text);
    world.commit("plain again");
  });

  it.each([
    ["who approves", { file: "approvers.yaml", put: "x" }, "usage"],
    ["what is asked", { file: "gates.yaml", put: "x" }, "usage"],
    ["a path", { file: "../../.ssh/allowed_signers", put: "x" }, "usage"],
    ["an invalid catalog", { file: "zones.yaml", put: "nonsense: [" }, "mcp.proposal"],
    ["text that is not there", { file: "sites.csv", find: "nowhere,", put: "x" }, "mcp.proposal"],
    ["text that is there twice", { file: "sites.csv", find: "qmoney.de", put: "x" }, "mcp.proposal"],
    [
      "characters that are not seen",
      { file: "sites.csv", find: "sites/zins", put: "sites/\u202ezins" },
      "mcp.proposal",
    ],
  ])("refuses %s", async (_, edit, code) => {
    const branches = world.git("branch", "--list");
    const agent = await connect(world.session());
    expect(await agent.refusal("propose_change", { title: "A change", edits: [edit] })).toBe(code);
    expect(world.git("branch", "--list")).toBe(branches);
  });

  it("becomes a pull request where a person has started the server so: only its own branch is pushed", async () => {
    const bare = join(world.dir, "origin.git");
    world.git("init", "-q", "--bare", bare);
    world.git("remote", "add", "origin", bare);
    const asked: { url: string; authorization: string; body: string }[] = [];
    const github = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        asked.push({ url: request.url ?? "", authorization: String(request.headers.authorization), body });
        response.writeHead(201, { connection: "close" }).end('{"html_url":"https://github.com/acme/estate/pull/7"}');
      });
    });
    await new Promise<void>((listening) => github.listen(0, "127.0.0.1", listening));
    const { port } = github.address() as AddressInfo;
    const env = { GITHUB_BASE_URL: `http://127.0.0.1:${port}`, NO_PROXY: "127.0.0.1" };
    const pulls = { repository: "acme/estate", token: "secret-token-of-github" };
    const agent = await connect({ ...world.session({ env }), pulls });
    const edit = { file: "sites.csv", put: "pull,qmoney.de,own,acme/sites,sites/pull,vite,stable," };
    const told = await agent.call("propose_change", { title: "A pull", edits: [edit] });
    github.close();
    // It is there no more: the branch is pushed all the same, and that is said.
    const more = { file: "sites.csv", put: "more,qmoney.de,own,acme/sites,sites/more,vite,stable," };
    const later = await agent.call("propose_change", { title: "More", edits: [more] });
    expect(later.data.error).toMatchObject({ code: "mcp.proposal", message: expect.stringContaining("was pushed") });
    world.git(
      "--git-dir",
      bare,
      "branch",
      "-D",
      world.git("--git-dir", bare, "branch", "--list", "--format=%(refname:short)", "agent/more-*"),
    );
    expect(told.isError, told.text).toBe(false);
    expect(told.text).not.toContain(pulls.token);
    expect(told.data.pull).toContain("github.com/acme/estate/pull/7");
    const [call] = asked;
    expect([call?.url, call?.authorization]).toEqual(["/api/v3/repos/acme/estate/pulls", `Bearer ${pulls.token}`]);
    expect(JSON.parse(call?.body ?? "")).toMatchObject({ title: "A pull", head: told.data.branch, base: "main" });
    expect(world.git("--git-dir", bare, "branch", "--format=%(refname:short)")).toBe(told.data.branch);
    world.git("remote", "remove", "origin");
  });

  it("keeps to the files of the role", async () => {
    const agent = await connect(world.session({ set: "cost" }));
    const zones = { file: "zones.yaml", put: "\n" };
    expect(await agent.refusal("propose_change", { title: "A zone", edits: [zones] })).toBe("usage");
  });
});

it("docs/reference/mcp.md has the tools as they are", () => {
  const again = "run node toolchain/run.mjs mcp/generate.ts";
  expect(readFileSync("docs/reference/mcp.md", "utf8"), again).toContain(
    `<!-- tools -->\n${toolTables()}\n<!-- end -->`,
  );
});
