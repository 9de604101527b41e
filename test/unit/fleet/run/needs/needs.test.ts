import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { checkNeeds } from "../../../../../fleet/run/needs/index.ts";
import type { Session } from "../../../../../fleet/run/session.ts";
import { type PulumiEncrypter, pulumiEncrypter } from "../../../../../sandbox/daemon/pulumi-secrets.ts";
import { stateText, writeState } from "../../../../support/states.ts";

// What all stacks need, looked at once. What breaks when this fails: 67 stacks say the same, or a preview with a wrong
// passphrase writes a fresh salt into the configuration file, and from then on the right one is refused.

let ours: PulumiEncrypter;
let theirs: PulumiEncrypter;
beforeAll(async () => {
  [ours, theirs] = await Promise.all([pulumiEncrypter("right"), pulumiEncrypter("right")]);
});

let root: string;
let configFile: string;
let env: NodeJS.ProcessEnv;
const STACKS = ["prod", "prod-plesk", "prod-cell-07"];
const write = (content: object | string) =>
  writeFileSync(configFile, typeof content === "string" ? content : stringify(content));
const settings = {
  "sitefleet:target": "test",
  "sitefleet:vercelTeam": "none",
  "sitefleet:cloudflareAccountId": "0123456789abcdef0123456789abcdef",
};
const secret = (by: PulumiEncrypter) => ({ "sitefleet:secrets": { SMTP_PASS: { secure: by.encrypt("x") } } });
const check = (stacks = STACKS) => {
  const catalog = { zones: [{ mode: "create", dns: "cloudflare" }] };
  return checkNeeds({ configFile, inputs: { catalog } } as unknown as Session, stacks, env);
};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sitefleet-needs-"));
  configFile = join(root, "Pulumi.prod.yaml");
  const bin = join(root, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "pulumi"), "", { mode: 0o755 });
  env = {
    PULUMI_BACKEND_URL: `file://${root}`,
    PULUMI_CONFIG_PASSPHRASE: "right",
    VERCEL_API_TOKEN: "v".repeat(24),
    CLOUDFLARE_API_TOKEN: "c",
    GITHUB_TOKEN: "g",
    PATH: bin,
  };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("a configuration file", () => {
  it("whose salt, passphrase, values and states belong together is accepted", async () => {
    write({ encryptionsalt: ours.salt, config: { ...settings, ...secret(ours) } });
    writeState(root, "stacks/sitefleet/prod.json", stateText("prod", { salt: ours.salt }));
    await check();
  });

  it.each([
    ["that is not there", () => {}, "settings.file", "is not there"],
    ["that is no YAML", () => write("a: [1"), "settings.file", "cannot be read"],
    ["without a salt", () => write({ config: settings }), "settings.encryption", "has no encryptionsalt"],
    [
      "with a salt that is none",
      () => write({ encryptionsalt: "v1:abc", config: settings }),
      "settings.encryption",
      "not of the form",
    ],
    [
      "with values of another salt",
      () => write({ encryptionsalt: ours.salt, config: { ...settings, ...secret(theirs) } }),
      "settings.encryption",
      "a value was encrypted with another salt",
    ],
  ])("%s is told with code and hint, and stays as it is", async (_, prepare, code, message) => {
    prepare();
    const before = code === "settings.file" ? "" : readFileSync(configFile, "utf8");
    await expect(check()).rejects.toMatchObject({ code, subject: configFile, hint: expect.any(String) });
    await expect(check()).rejects.toThrow(message);
    if (before !== "") expect(readFileSync(configFile, "utf8")).toBe(before);
  });

  it("with a foreign salt is told with the one to put back, also when the passphrase opens it", async () => {
    write({ encryptionsalt: theirs.salt, config: settings });
    for (const stack of ["prod", "prod-cell-07"])
      writeState(root, `stacks/sitefleet/${stack}.json`, stateText(stack, { salt: ours.salt }));
    await expect(check()).rejects.toMatchObject({
      code: "settings.encryption",
      message: expect.stringContaining("2 stacks were encrypted with"),
      hint: expect.stringContaining(`encryptionsalt: ${ours.salt}`),
    });
  });

  it("needs its passphrase, from the environment or a file", async () => {
    write({ encryptionsalt: ours.salt, config: settings });
    env.PULUMI_CONFIG_PASSPHRASE = "wrong";
    await expect(check()).rejects.toMatchObject({ code: "settings.passphrase", subject: "PULUMI_CONFIG_PASSPHRASE" });
    delete env.PULUMI_CONFIG_PASSPHRASE;
    await expect(check()).rejects.toMatchObject({
      code: "settings.passphrase",
      message: expect.stringContaining("no passphrase"),
    });
    env.PULUMI_CONFIG_PASSPHRASE_FILE = join(root, "passphrase");
    await expect(check()).rejects.toMatchObject({
      code: "settings.passphrase",
      subject: "PULUMI_CONFIG_PASSPHRASE_FILE",
    });
    writeFileSync(env.PULUMI_CONFIG_PASSPHRASE_FILE, "right\n");
    await check();
  });

  it("with a key service, or of Pulumi Cloud, needs no salt", async () => {
    write({ secretsprovider: "awskms://key", encryptedkey: "x", config: settings });
    await check();
    write({ config: settings });
    env.PULUMI_BACKEND_URL = "https://api.pulumi.com";
    await check();
  });
});

it("names all that is missing at once, and only what the chosen stacks need", async () => {
  write({ encryptionsalt: ours.salt });
  for (const name of ["VERCEL_API_TOKEN", "CLOUDFLARE_API_TOKEN", "GITHUB_TOKEN"]) delete env[name];
  env.PATH = "";
  env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION = "true";
  env.PULUMI_HOME = root;
  env.PULUMI_DEBUG_PROVIDERS = "vercel:1,cloudflare:2,github:3,command:4";
  const missing = async (stacks: string[]) => {
    const error = await check(stacks).catch((caught: { code: string; details: string[] }) => caught);
    expect(error).toMatchObject({ code: "needs.missing" });
    return (error as { details: string[] }).details.map((line) => line.split(" ").slice(0, 5).join(" "));
  };
  expect(await missing(STACKS)).toEqual([
    "sitefleet:target is not set: which",
    "sitefleet:vercelTeam is not set: slug",
    "sitefleet:cloudflareAccountId is not set: the",
    "VERCEL_API_TOKEN is not set: cells",
    "CLOUDFLARE_API_TOKEN is not set: prod",
    "GITHUB_TOKEN is not set: prod",
    "pulumi is not in PATH:",
    "the provider plugin random is",
  ]);
  expect(await missing(["prod-cell-07"])).not.toContain("GITHUB_TOKEN is not set: prod");
  await check([]);
});
