import { spawn } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { StackKey } from "../../fleet/backend/secrets/stack-key.ts";
import { serveEngine } from "../../fleet/backend/service/engine-service.ts";
import { placesOf } from "../../fleet/backend/store/project.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";

// What breaks when this fails: after our `up`, plain `pulumi stack export`, `stack history` or `up` show or find something else than after
// plain `pulumi up`. The same steps are done by the same engine: on a directory of its own, through the service, and through one that has
// the key of the secrets.

const dir = mkdtempSync(join(tmpdir(), "plain-"));
const project = join(dir, "project");
const STACK = "dev";
const NAME = `organization/sitefleet/${STACK}`;
const [PLAIN, OURS, KEYED] = [join(dir, "plain"), join(dir, "ours"), join(dir, "keyed")];
const backend = (folder: string) => ({ PULUMI_BACKEND_URL: pathToFileURL(folder).href });

const CONFIG_FILE = join(project, `Pulumi.${STACK}.yaml`);
const HOME_OF_ENGINE = join(dir, "home");

/** One after the other: what runs side by side ends in any order. */
const UP = ["up", "--yes", "--skip-preview", "--parallel", "1", "--message", "one <&> two"];

async function pulumi(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number | null; said: string }> {
  const { PATH, HOME } = process.env;
  const own = { HOME, PATH: [resolve(PROJECT_ROOT, ".toolchain/bin"), PATH].join(delimiter), NO_COLOR: "1" };
  const quiet = { PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_CONFIG_PASSPHRASE: "p", PULUMI_HOME: HOME_OF_ENGINE };
  const child = spawn("pulumi", [...args, "--non-interactive"], { cwd: project, env: { ...own, ...quiet, ...env } });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  return new Promise((done, failed) => child.on("error", failed).on("close", (code) => done({ code, said })));
}

beforeAll(async () => {
  vi.stubEnv("PULUMI_HOME", HOME_OF_ENGINE);
  mkdirSync(project);
  mkdirSync(PLAIN);
  copyFileSync(new URL("plain/program.cjs", import.meta.url), join(project, "index.js"));
  writeFileSync(join(project, "Pulumi.yaml"), "name: sitefleet\nruntime: nodejs\n");
  writeFileSync(join(project, "package.json"), '{"name":"sitefleet","main":"index.js"}');
  symlinkSync(join(PROJECT_ROOT, "node_modules"), join(project, "node_modules"));
  const init = await pulumi(["stack", "init", STACK], backend(PLAIN));
  expect(init.code, init.said).toBe(0);
  await pulumi(["config", "set", "--secret", "word", "s<&>ecret"], backend(PLAIN));
  await pulumi(["config", "set", "--path", "list[0].k", "x<y"], backend(PLAIN));
  for (const folder of [OURS, KEYED]) cpSync(PLAIN, folder, { recursive: true });
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

/** Without times, ids of the engine, and what a secret looks like when it is closed anew. */
function alike(text: string): string {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, "ID")
    .replace(/"(ciphertext|secure|time|created|modified)":"[^"]*"/g, '"$1":""')
    .replace(/"(startTime|endTime)":\d+/g, '"$1":0');
}

/** The newest file of a stack's history. */
function newest(folder: string, ending: string): string {
  const at = join(folder, placesOf(STACK).history);
  const name = readdirSync(at)
    .filter((one) => one.endsWith(ending))
    .sort()
    .at(-1);
  return alike(readFileSync(join(at, name ?? ""), "utf8"));
}

const stateOf = (folder: string) => alike(readFileSync(join(folder, placesOf(STACK).state), "utf8"));

async function keyOfSecrets(): Promise<StackKey> {
  const { encryptionsalt } = parse(readFileSync(CONFIG_FILE, "utf8"));
  const key = await StackKey.from("p", encryptionsalt);
  if (key === undefined) throw new Error("the passphrase is another one");
  return key;
}

/** The newest update in plain pulumi's folder and in another one, whose engine is served by us. */
async function doBoth(folder: string, options: readonly string[], env: NodeJS.ProcessEnv, sites?: readonly string[]) {
  const args = [...UP, ...options, "--stack", NAME, "--config-file"];
  const key = folder === KEYED ? await keyOfSecrets() : undefined;
  let left = 0;
  const onLeft = ({ resources }: { readonly resources: number }) => (left = resources);
  const service = await serveEngine({ dir: folder, stack: STACK, configFile: CONFIG_FILE, key, sites, onLeft });
  // An engine that made the key itself would find none.
  const own = folder === KEYED ? { PULUMI_CONFIG_PASSPHRASE: "none" } : {};
  const ours = await pulumi([...args, service.configFile], { ...env, ...service.env, ...own });
  await service.close();
  return { ours, left };
}

const plainly = (options: readonly string[], env: NodeJS.ProcessEnv) =>
  pulumi([...UP, ...options, "--stack", NAME, "--config-file", CONFIG_FILE], { ...env, ...backend(PLAIN) });

function expectAlike(folder: string): void {
  expect(stateOf(folder)).toBe(stateOf(PLAIN));
  for (const ending of [".history.json", ".checkpoint.json"])
    expect(newest(folder, ending)).toBe(newest(PLAIN, ending));
}

/** Plain pulumi goes on with it at once, and finds nothing to do. */
async function expectNothingToDo(folder: string, env: NodeJS.ProcessEnv, updates: number): Promise<void> {
  const up = await pulumi([...UP, "--expect-no-changes", "--stack", NAME], { ...env, ...backend(folder) });
  expect(up.code, up.said).toBe(0);
  const history = await pulumi(["stack", "history", "--json", "--page-size", "100", "--stack", NAME], backend(folder));
  expect(JSON.parse(history.said)).toHaveLength(updates);
}

it.each([
  ["creates", [], { REVISION: "1" }],
  ["updates, replaces and deletes", [], { REVISION: "2" }],
  ["leaves what could not be deleted", [], { REVISION: "3", FAIL_DELETE: "1" }],
  ["refreshes, and deletes that", ["--refresh"], { REVISION: "3" }],
] as const)(
  "an update that %s leaves the same state, history and backup",
  async (_, options, env) => {
    const plain = await plainly(options, env);
    for (const folder of [OURS, KEYED]) {
      const { ours } = await doBoth(folder, options, env);
      expect(ours.code, ours.said).toBe(plain.code);
      expectAlike(folder);
    }
  },
  120_000,
);

it("plain pulumi goes on with it at once, and finds nothing to do", async () => {
  await expectNothingToDo(OURS, { REVISION: "3" }, 5);
}, 120_000);

// The engine is given the state without other sites, where that is safe.
it.each([
  ["makes sites", undefined, { REVISION: "4", SITES: "a.example,b.example,c.example" }, 0],
  ["changes one site", "b.example", { REVISION: "5", SITES: "b.example" }, 5],
  ["makes one site", "d.example", { REVISION: "5", SITES: "d.example" }, 8],
  ["looks at what is live and takes one site away", "a.example", { REVISION: "5", PULUMI_OPTION_REFRESH: "true" }, 8],
  ["fails at one site", "c.example", { REVISION: "5", SITES: "c.example", FAIL_UPDATE: "1" }, 5],
  ["leaves what could not be deleted of one", "c.example", { REVISION: "6", SITES: "c.example", FAIL_DELETE: "1" }, 5],
  ["goes on with that site", "c.example", { REVISION: "6", SITES: "c.example" }, 0],
  ["changes the others", undefined, { REVISION: "6", SITES: "b.example,d.example,c.example" }, 0],
] as const)(
  "an update of some sites that %s leaves the same state, history and backup",
  async (_, host, env, leaves) => {
    const options = host ? ["--target", `urn:pulumi:${STACK}::sitefleet::sitefleet:vercel:Site**::${host}**`] : [];
    const plain = await plainly(options, env);
    const { ours, left } = await doBoth(KEYED, options, env, host && [host]);
    expect(ours.code, ours.said).toBe(plain.code);
    expectAlike(KEYED);
    expect(left).toBe(leaves);
  },
  120_000,
);

it("plain pulumi goes on with that at once as well", async () => {
  await expectNothingToDo(KEYED, { REVISION: "6", SITES: "b.example,d.example,c.example" }, 13);
}, 120_000);
