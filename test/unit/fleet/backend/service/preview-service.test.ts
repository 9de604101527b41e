import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { parse } from "yaml";
import { StackKey } from "../../../../../fleet/backend/secrets/stack-key.ts";
import { type PreviewService, servePreview } from "../../../../../fleet/backend/service/preview-service.ts";
import { placesOf } from "../../../../../fleet/backend/store/project.ts";
import { tempDir } from "../../../plesk/support/temp.ts";

// What breaks when these fail: previews fail on secrets, or something of a preview stays behind.

const STACK = "prod-cell-07";
const API = `/api/stacks/organization/sitefleet/${STACK}`;
const KEY = StackKey.unpacked({ salt: "v1:AAAA:v1:B:C", key: Buffer.alloc(32, 7).toString("base64") });
const MARK = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

let service: PreviewService | undefined;
afterEach(() => service?.close());

async function serve(salt = KEY.salt) {
  const [dir, folder] = [tempDir("states-"), tempDir("preview-")];
  const sealed = KEY.close("geheim");
  const latest = {
    secrets_providers: { type: "passphrase", state: { salt } },
    resources: [{ urn: "urn:1", outputs: { password: { ...MARK, ciphertext: sealed } } }],
  };
  const file = join(dir, placesOf(STACK).state);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ version: 3, checkpoint: { stack: STACK, latest } }));
  const outputs = { projects: { shop: "prj_1" } };
  const stack = { urn: "urn:pulumi:prod::sitefleet::pulumi:pulumi:Stack::sitefleet-prod", outputs };
  const shared = {
    resources: [stack, { urn: "urn:2", parent: stack.urn }],
    pending_operations: [{ type: "creating" }],
  };
  const text = JSON.stringify({ version: 3, checkpoint: { stack: "prod", latest: { ...latest, ...shared } } });
  writeFileSync(join(dir, placesOf("prod").state), text);
  const configFile = join(folder, "Pulumi.prod.yaml");
  writeFileSync(configFile, `encryptionsalt: ${KEY.salt}\nconfig:\n  a: 007\n  b:\n    secure: ${sealed} # mine\n`);
  service = await servePreview({ dir, stack: STACK, key: KEY, configFile, folder });
  const { PULUMI_BACKEND_URL: url, PULUMI_ACCESS_TOKEN: token } = service.env;
  const call = async (method: string, path: string, body?: unknown) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${url}${path}`, { method, headers: { authorization: `token ${token}` }, ...sent });
    return { status: answer.status, body: (await answer.json()) as Record<string, never> };
  };
  return { call, sealed, dir, configFile: service.configFile, url };
}

it("answers a state whose secrets it opens itself, and reads it once", async () => {
  const { call, sealed, url } = await serve();
  const { body } = await call("POST", `${API}/begin-update`, { updateKind: "preview" });
  expect(body).toMatchObject({
    deployment: {
      deployment: {
        secrets_providers: { type: "service", state: { url, stack: STACK } },
        resources: [{ outputs: { password: { ciphertext: Buffer.from(sealed).toString("base64") } } }],
      },
    },
  });
  const ciphertexts = [Buffer.from(sealed).toString("base64")];
  const opened = await call("POST", `${API}/batch-decrypt`, { ciphertexts });
  expect(opened.body).toEqual({ plaintexts: { [ciphertexts[0] as string]: Buffer.from("geheim").toString("base64") } });
});

it("leaves a state that another key has closed as it is", async () => {
  const { call, sealed } = await serve("v1:BBBB:v1:B:C");
  const { body } = await call("GET", `${API}/export`);
  expect(body).toMatchObject({
    deployment: {
      secrets_providers: { type: "passphrase" },
      resources: [{ outputs: { password: { ciphertext: sealed } } }],
    },
  });
});

it("answers of another stack what a reference to it reads, and begins no preview of it", async () => {
  const { call } = await serve();
  const { body } = await call("GET", "/api/stacks/organization/sitefleet/prod/export");
  expect(body.deployment).toMatchObject({
    secrets_providers: { type: "service" },
    resources: [{ outputs: { projects: { shop: "prj_1" } } }],
    pending_operations: [],
  });
  expect((await call("GET", "/api/stacks/organization/sitefleet/prod")).status).toBe(200);
  expect((await call("GET", "/api/stacks/organization/sitefleet/none")).status).toBe(404);
  const begun = await call("POST", "/api/stacks/organization/sitefleet/prod/begin-update", { updateKind: "preview" });
  expect(begun.status).toBe(500);
});

it("has the engine read a configuration file without a key, in which all else is the same", async () => {
  const { configFile, sealed } = await serve();
  const text = readFileSync(configFile, "utf8");
  expect(text).toContain("a: 007");
  expect(parse(text)).toEqual({
    encryptionsalt: "",
    config: { a: 7, b: { secure: Buffer.from(sealed).toString("base64") } },
  });
  expect(statSync(configFile).mode & 0o077).toBe(0);
});

it("writes nothing beside the states", async () => {
  const { call, dir } = await serve();
  const { body } = await call("POST", `${API}/begin-update`, { updateKind: "preview" });
  await call("POST", `${API}/preview/${body.updateID}/events/batch`, { events: [] });
  await call("POST", `${API}/preview/${body.updateID}/complete`, { status: "succeeded" });
  expect(readdirSync(dir)).toEqual([".pulumi"]);
});
