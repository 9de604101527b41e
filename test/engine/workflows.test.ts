import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cellOf, DEFAULT_CELLS } from "../../model/index.ts";
import { ciPlan } from "../../operations/ci/plan.ts";
import { perform } from "../../operations/kit/operation.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { BACKENDS, BUILD_MS, type TestBackend } from "../support/backends.ts";
import { Estate, type Row } from "../support/estate.ts";
import { descendants } from "../support/kill.ts";
import { execute, type World } from "../support/workflows/execute.ts";

// The committed workflows on the sandbox: a clone for each job, states in an S3 server, the real commands. What breaks when these fail:
// a pull request is previewed with its own program or shows a secret, or a deployment whose job is lost is not brought to its end.

const [s3] = BACKENDS;
const REPOSITORY = "menschlichkeit-oesterreich/estate";
const siteIn = (cell: string, prefix: string): Row => {
  for (let number = 0; ; number++) {
    const name = `${prefix}${number}`;
    if (cellOf({ host: `${name}.qmoney.de`, tags: [] }, DEFAULT_CELLS) === cell) return { name };
  }
};
const LOST = "07";
const first = [siteIn("07", "shop"), siteIn("11", "shop")];
const added = siteIn("11", "new");
const estate = new Estate(first);
const origin = join(estate.dir, "origin");
const shims = join(estate.dir, "bin");
let backend: TestBackend;
let secrets: Record<string, string>;
const git = (...args: string[]) =>
  execFileSync("git", ["-C", origin, "-c", "user.name=Dev", "-c", "user.email=dev@example.org", ...args], {
    encoding: "utf8",
    stdio: "pipe",
  }).trim();
const workflow = (name: string) => git("show", `main:.github/workflows/${name}.yml`);

/** Commands that a workflow calls and that this test is not about. */
const ASIDE = "validate|health|report|analyse|plan";
function writeShims(): void {
  mkdirSync(shims);
  const npx = `#!/bin/bash\nshift\ncase "$1" in ${ASIDE}) exit 0 ;; esac\nexec "${process.execPath}" "${PROJECT_ROOT}/cli/sitefleet.js" "$@"\n`;
  for (const [name, text] of [
    ["npx", npx],
    ["npm", "#!/bin/bash\n"],
  ] as const) {
    writeFileSync(join(shims, name), text);
    chmodSync(join(shims, name), 0o755);
  }
}

function world(name: string, payload: object, more: Partial<World> = {}): World {
  const { PATH, HOME, ...env } = estate.env();
  const hidden = new Set(Object.keys(secrets));
  const open = Object.entries(env).filter(
    ([key, value]) => !hidden.has(key) && key !== "GITHUB_TOKEN" && !/^AWS_/.test(key) && value !== undefined,
  );
  const given = { ...secrets, SITEFLEET_GITHUB_TOKEN: env.GITHUB_TOKEN ?? "" };
  return {
    event: { name, payload: { ...payload } },
    secrets: { "sitefleet-read": given, "sitefleet-watch": given, "sitefleet-write": given },
    token: env.GITHUB_TOKEN ?? "",
    env: {
      ...Object.fromEntries(open),
      PATH: `${shims}:${PATH}`,
      HOME: HOME ?? "",
      GITHUB_REPOSITORY: REPOSITORY,
      SITEFLEET_CATALOG: "catalog",
      SITEFLEET_STATE_DIR: ".state",
    },
    checkout(dir) {
      execFileSync("git", ["clone", "--quiet", `file://${origin}`, dir], { stdio: "pipe" });
    },
    ...more,
  };
}
const github = async (path: string, init?: RequestInit) => {
  const { GITHUB_BASE_URL, GITHUB_TOKEN } = estate.env();
  return fetch(new URL(`/repos/${REPOSITORY}${path}`, GITHUB_BASE_URL), {
    ...init,
    headers: { authorization: `Bearer ${GITHUB_TOKEN}` },
  });
};
const results = (run: { jobs: readonly { job: string; result: string }[] }) =>
  run.jobs.map(({ job, result }) => `${job} ${result}`);
const printed = (run: Awaited<ReturnType<typeof execute>>) =>
  run.jobs.flatMap(({ steps }) => steps.map((step) => `${step.name}\n${step.printed}`)).join("\n");

describe.skipIf(!s3.available)("the workflows", () => {
  beforeAll(async () => {
    // What the shared stack holds is not the point: little of it takes little time.
    for (const name of ["services", "hosts"]) writeFileSync(join(estate.catalog, `${name}.yaml`), `${name}: []\n`);
    writeFileSync(join(estate.catalog, "releases.yaml"), `channels: { stable: { ref: "${"a".repeat(40)}" } }\n`);
    estate.edit("secrets.yaml", (text) => `${text.slice(0, text.indexOf("secrets:"))}secrets: []\n`);
    estate.edit("zones.yaml", (text) => text.slice(0, text.indexOf("  # *.remotecash.de")));
    backend = await s3.start();
    estate.backend = backend;
    await estate.start();
    const { PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, VERCEL_API_TOKEN, CLOUDFLARE_API_TOKEN } = estate.env();
    secrets = {
      PULUMI_BACKEND_URL,
      PULUMI_CONFIG_PASSPHRASE,
      VERCEL_API_TOKEN,
      CLOUDFLARE_API_TOKEN,
      ...backend.env,
    } as typeof secrets;
    writeShims();
    mkdirSync(origin);
    git("init", "--quiet", "--initial-branch", "main");
    cpSync(estate.catalog, join(origin, "catalog"), { recursive: true });
    cpSync(join(PROJECT_ROOT, ".github"), join(origin, ".github"), { recursive: true });
    git("add", "--all");
    git("commit", "--quiet", "--message", "the estate");
  }, BUILD_MS);
  afterAll(async () => {
    await estate.remove();
    await backend?.stop();
  });

  it("bring cells up in jobs of their own; one is lost half way, and continue brings it to its end", async () => {
    const slow = (ms: number) =>
      estate.control("/faults", {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ latency: ms > 0 ? [{ vendor: "vercel", method: "write", ms }] : [] }),
      });
    const projects = async () =>
      ((await estate.control("/inventory")) as { vercel: { projects: unknown[] } }).vercel.projects.length;
    const lost = world(
      "workflow_dispatch",
      { inputs: { way: "cells", urgent: "" } },
      {
        onStep(job, matrix, step, child) {
          if (job !== "cells" || matrix?.cells !== LOST || !step.startsWith("Bring them up")) return;
          void (async () => {
            await slow(700);
            const before = await projects();
            await expect.poll(projects, { timeout: 60_000, interval: 50 }).toBeGreaterThan(before);
            for (const { pid } of descendants(child.pid ?? 0).reverse()) process.kill(pid, "SIGKILL");
            await slow(0);
          })();
        },
      },
    );
    const run = await execute(workflow("ai-bulk-deploy"), lost);
    expect(run.outputs.plan?.way, printed(run)).toBe("cells");
    expect(JSON.parse(run.outputs.shared?.matrix ?? "{}")).toMatchObject({
      include: [{ cells: "07" }, { cells: "11" }],
    });
    expect(run.outputs.shared?.["max-parallel"]).toBe("2");
    expect(results(run), printed(run)).toEqual([
      "plan success",
      "direct skipped",
      "waves skipped",
      "shared success",
      "cells failure",
      "cells success",
      "judge success",
      "report success",
    ]);
    const again = await execute(workflow("continue"), world("schedule", {}));
    expect(
      again.jobs.filter(({ result }) => result === "success").map(({ job }) => job),
      printed(again),
    ).toEqual(["look", "runs"]);
    expect(again.summary).toContain("is gone");
    const { env } = world("schedule", {});
    const inProcess = { ...env, ...secrets, SITEFLEET_STATE_DIR: join(estate.dir, "after") };
    const configFile = env.SITEFLEET_CONFIG_FILE ?? "";
    const left = await perform(ciPlan, {}, { estate: { catalogDir: estate.catalog, configFile, env: inProcess } });
    expect(left.document.way).toBe("none");
    const { vercel } = (await estate.control("/inventory")) as { vercel: { domains: { name: string }[] } };
    const hosts = JSON.stringify(vercel);
    for (const { name } of first) expect(hosts).toContain(`${name}.qmoney.de`);
  });

  it("preview a fork's pull request with the base's program, in one comment, and show it no secret", async () => {
    const told = join(estate.dir, "told");
    git("checkout", "--quiet", "-b", "theirs");
    const file = join(origin, "catalog/sites.csv");
    writeFileSync(
      file,
      `${readFileSync(file, "utf8").trimEnd()}\n${added.name},qmoney.de,own,acme/sites,sites/${added.name},nextjs,stable,\n`,
    );
    // A step that prints the environment, in each place where code of a change could be run.
    const planted = `env > ${told}`;
    writeFileSync(join(origin, ".github/workflows/preview.yml"), workflow("preview").replace("npm run setup", planted));
    writeFileSync(join(origin, "package.json"), JSON.stringify({ scripts: { setup: planted, preinstall: planted } }));
    git("add", "--all");
    git("commit", "--quiet", "--message", "theirs");
    const head = git("rev-parse", "HEAD");
    git("update-ref", "refs/pull/1/head", head);
    git("checkout", "--quiet", "main");
    await github("/issues", { method: "POST", body: JSON.stringify({ title: "A change" }) });
    await github("/sandbox", {
      method: "PUT",
      body: JSON.stringify({ pulls: [{ number: 1, user: { id: 5, login: "fork" }, head }] }),
    });
    const pull = {
      action: "opened",
      pull_request: { number: 1, head: { sha: head, repo: { full_name: "fork/estate" } } },
    };
    const run = await execute(workflow("preview"), world("pull_request_target", pull));
    expect(results(run), printed(run)).toEqual(["stale skipped", "preview success", "comment success"]);
    const comments = (await (await github("/issues/1/comments")).json()) as { body: string }[];
    expect(comments).toHaveLength(1);
    expect(comments[0]?.body).toContain(`<!-- sitefleet preview head=${head} -->`);
    expect(comments[0]?.body).toContain(`${added.name}.qmoney.de`);
    expect(run.summary).toContain("to create");
    expect(readdirSync(join(run.artifacts, "changes")).sort()).toEqual(["changes.html", "changes.json", "plan.json"]);
    expect(existsSync(told)).toBe(false);
    const seen = `${printed(run)}${run.summary}${comments[0]?.body}${readFileSync(join(run.artifacts, "changes/changes.json"), "utf8")}`;
    for (const value of Object.values({ ...secrets, PULUMI_BACKEND_URL: backend.secret }))
      if (value !== "tests") expect(seen).not.toContain(value);
  });
});
