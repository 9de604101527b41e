// What would break: a step whose tool ends with 0 and did nothing would pass, or one that did everything would stop a deployment.
import { describe, expect, test } from "vitest";
import * as expectations from "../../../plesk/kinds/expect.ts";
import { KIND_STEPS } from "../../../plesk/kinds/steps.ts";

const files = (all: Record<string, string>) => new Map(Object.entries(all));
const compose = files({ "docker-compose.yml": 'services:\n  n8n:\n    image: "n8nio/n8n:2.0.0" # pinned\n' });
const ps = (more: Record<string, unknown> = {}) =>
  JSON.stringify({ Service: "n8n", Image: "n8nio/n8n:2.0.0", State: "running", Health: "", ...more });
const node = { name: "A", type: "t", position: [1, 2] };
const workflow = { id: "w", name: "W", nodes: [node], connections: {}, active: true };
const flows = files({ "workflows/w.json": JSON.stringify(workflow) });
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
const { nothingListed, value, sameVersions, atHead, upToDate, nothingAnnounced, installed, running, workflows } =
  expectations;

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
