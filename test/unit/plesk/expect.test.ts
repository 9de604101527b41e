// What would break: a step whose tool ends with 0 and did nothing would pass, or one that did everything would stop a deployment.
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import * as expectations from "../../../plesk/kinds/expect.ts";
import { PROVE } from "../../../plesk/kinds/prove.ts";
import { KIND_STEPS } from "../../../plesk/kinds/steps.ts";

const files = (all: Record<string, string>) => new Map(Object.entries(all));
const compose = files({ "docker-compose.yml": 'services:\n  n8n:\n    image: "n8nio/n8n:2.0.0" # pinned\n' });
const ps = (more: Record<string, unknown> = {}) =>
  JSON.stringify({ Service: "n8n", Image: "n8nio/n8n:2.0.0", State: "running", Health: "", ...more });
const node = { name: "A", type: "t", position: [1, 2] };
const workflow = { id: "w", name: "W", nodes: [node], connections: {}, active: true };
const flows = files({ "workflows/w.json": JSON.stringify(workflow) });
const hooks = files({ "workflows/notify.json": readFileSync("monitoring/n8n/notify.json", "utf8") });
const dashboards = files({ "provisioning/dashboards/a.json": "{}" });
const answer = (more: Record<string, unknown>) =>
  JSON.stringify([{ path: "sitefleet-notify", status: 200, secret: true, signed: true, ...more }]);
const requirements = files({
  "requirements.txt": [
    "# comment",
    "FastAPI[all]==0.121.0 --hash=sha256:aa",
    "a_b==1.0",
    "c>=2 # why",
    "-e .",
    'x==1; python_version < "3"',
    "",
  ].join("\n"),
});
const revisions = files({ "alembic/versions/1.py": "" });
const {
  nothingListed,
  value,
  sameVersions,
  atHead,
  upToDate,
  nothingAnnounced,
  installed,
  running,
  workflows,
  answered,
  provisioned,
} = expectations;

// Words as the tools print them: drush 10 to 14, cv 0.3, alembic 1.17, Prisma 7, Matomo 5, pip 23, docker compose 2, n8n 1 and 2.
describe.each([
  ["drush lists nothing", nothingListed("updates"), "", undefined, undefined],
  ["drush lists nothing as JSON", nothingListed("updates"), "[]\n", undefined, undefined],
  ["drush lists nothing after a notice", nothingListed("updates"), "[notice] hello\n{}\n", undefined, undefined],
  [
    "drush lists updates",
    nothingListed("updates"),
    '{"a_update_1":{"module":"a"}}',
    undefined,
    /^updates: a_update_1$/,
  ],
  ["drush lists hooks", nothingListed("hooks"), '[{"module":"a"}]', undefined, /^hooks: /],
  ["drush warns", nothingListed("updates"), "PHP Fatal error", undefined, /something else/],
  ["the mode is right", value("mode", ["0", ""]), "0\n", undefined, undefined],
  ["the mode is wrong", value("mode", ["0", ""]), "1\n", undefined, /^mode is 1$/],
  ["cv tells one version", sameVersions, '[\n    "6.8.0",\n    "6.8.0"\n]', undefined, undefined],
  ["cv tells two versions", sameVersions, '["6.8.0","6.7.1"]', undefined, /of version 6.7.1, the code of 6.8.0/],
  ["cv tells an unfinished upgrade", sameVersions, '["6.8.0","6.8.0.upgrade"]', undefined, /6.8.0.upgrade/],
  ["cv tells nothing", sameVersions, "", undefined, /tells no versions/],
  ["alembic is at the head", atHead, "0002 (head)\n", revisions, undefined],
  ["alembic is behind", atHead, "0001\n", revisions, /not at the head: 0001/],
  ["alembic has not begun", atHead, "", revisions, /no revision/],
  ["alembic has nothing to do", atHead, "", undefined, undefined],
  ["Prisma is up to date", upToDate, "2 migrations found\n\nDatabase schema is up to date!\n", undefined, undefined],
  ["Prisma is behind", upToDate, "Following migration have not yet been applied:\n1_a", undefined, /does not say/],
  ["Matomo is up to date", nothingAnnounced, "Everything is already up to date.", undefined, undefined],
  [
    "Matomo is behind",
    nothingAnnounced,
    "\n    *** Update ***\n\n    Database Upgrade Required",
    undefined,
    /updates are left/,
  ],
  ["Matomo says nothing", nothingAnnounced, "\n", undefined, /says nothing/],
  [
    "pip has all",
    installed,
    '[{"name":"fastapi","version":"0.121.0"},{"name":"A-B","version":"1.0.0+cpu"},{"name":"c","version":"9"}]',
    requirements,
    undefined,
  ],
  ["pip has another version", installed, '[{"name":"fastapi","version":"0.120"}]', requirements, /FastAPI, a_b, c$/],
  ["pip says nothing", installed, "", requirements, /lists no packages/],
  ["a container runs", running, `${ps()}\n`, compose, undefined],
  ["containers run, in a list", running, `[${ps({ Health: "healthy" })}]`, compose, undefined],
  ["docker names no images", running, ps({ Image: undefined }), compose, undefined],
  [
    "the old container runs",
    running,
    ps({ Image: "n8nio/n8n:1.0.0" }),
    compose,
    /runs n8nio\/n8n:1.0.0, not n8nio\/n8n:2.0.0/,
  ],
  ["a container starts anew for ever", running, ps({ State: "restarting" }), compose, /n8n is restarting/],
  ["a container is ill", running, ps({ Health: "unhealthy" }), compose, /unhealthy/],
  ["no container is there", running, "", compose, /no container/],
  ["a workflow is there", workflows, `log\n${JSON.stringify([workflow, { id: "x" }])}`, flows, undefined],
  ["a workflow is off", workflows, JSON.stringify([{ ...workflow, active: false }]), flows, /not active/],
  ["a workflow is old", workflows, JSON.stringify([{ ...workflow, nodes: [] }]), flows, /other nodes/],
  ["a workflow is missing", workflows, "[]", flows, /not imported/],
  ["dashboards that the container sees", provisioned, "a.json\r\nsitefleet.yaml\n", dashboards, undefined],
  ["no dashboard at all", provisioned, "", files({}), undefined],
  ["a dashboard that is not mounted", provisioned, "sitefleet.yaml\n", dashboards, /does not see/],
  ["a web hook answers", answered, answer({}), hooks, undefined],
  ["a web hook of a container without the secret", answered, answer({ status: 401, secret: false }), hooks, undefined],
  ["a web hook is not registered", answered, answer({ status: 404 }), hooks, /sitefleet-notify is not registered/],
  ["a web hook refuses a signed call", answered, answer({ status: 401 }), hooks, /answers 401 to a signed call/],
  ["a web hook does not sign", answered, answer({ signed: false }), hooks, /does not sign/],
  ["a web hook was not called", answered, "[]", hooks, /does not answer/],
  ["the caller fails", answered, "node: command not found", hooks, /tells of no web hooks/],
  ["n8n exports nothing", workflows, "An error occurred", flows, /exports no workflows/],
] as const)("%s", (_, expectation, output, shown, wrong) => {
  test(wrong === undefined ? "is right" : "is told", () => {
    const complaint = expectation.judge({ output, files: shown ?? new Map() });
    if (wrong === undefined) expect(complaint).toBeUndefined();
    else expect(complaint).toMatch(wrong);
  });
});

test("whatever changes something is looked at by a later step of the same kind", () => {
  for (const [kind, steps] of Object.entries(KIND_STEPS)) {
    const last = steps.findLastIndex(({ migrates }) => migrates);
    const looks = steps.slice(last + 1).filter((step) => step.expect !== undefined);
    if (last >= 0) expect(looks.length, kind).toBeGreaterThan(0);
  }
});

test("the caller of web hooks signs, waits until they are registered, and knows a signed answer", async () => {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-hooks-"));
  writeFileSync(join(dir, "notify.json"), readFileSync("monitoring/n8n/notify.json"));
  const secret = "a-key";
  const sign = (text: string) => `v1=${createHmac("sha256", secret).update(text).digest("hex")}`;
  let calls = 0;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const at = request.headers["x-sitefleet-timestamp"];
    const right = request.headers["x-sitefleet-signature"] === sign(`${at}.${body}`);
    if (++calls === 1 || request.url !== "/webhook/sitefleet-notify") response.writeHead(404).end();
    else response.writeHead(right ? 200 : 401, { "x-sitefleet-signature": sign(`${at}.${JSON.parse(body).id}`) }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const env = { ...process.env, N8N_PORT: String(port), SITEFLEET_WEBHOOK_SECRET: secret };
  const script = PROVE.replaceAll("/workflows", dir);
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { env });
  server.close();
  expect(JSON.parse(stdout)).toEqual([{ path: "sitefleet-notify", status: 200, secret: true, signed: true }]);
  expect(calls).toBe(2);
});

test("n8n's workflows lead from each node to one that there is, and the sample's are those of monitoring/", () => {
  for (const name of ["notify.json", "alertmanager.json"]) {
    const text = readFileSync(`monitoring/n8n/${name}`, "utf8");
    expect(readFileSync(`catalog/sample/artifacts/n8n/workflows/${name}`, "utf8")).toBe(text);
    const { nodes, connections } = JSON.parse(text) as {
      nodes: { name: string }[];
      connections: Record<string, { main: { node: string }[][] }>;
    };
    const names = nodes.map((one) => one.name);
    expect(new Set(names).size).toBe(names.length);
    const targets = Object.values(connections).flatMap(({ main }) => main.flat().map((one) => one.node));
    for (const one of [...Object.keys(connections), ...targets]) expect(names).toContain(one);
  }
});
