import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { KEEPER, KEEPER_HEADER, KEEPER_PATH } from "../../../../../fleet/backend/secrets/keeper.ts";
import { StackKey } from "../../../../../fleet/backend/secrets/stack-key.ts";
import {
  type PreviewOptions,
  type PreviewService,
  servePreview,
} from "../../../../../fleet/backend/service/preview-service.ts";
import { placesOf } from "../../../../../fleet/backend/store/project.ts";
import { digestOfText } from "../../../../../stacks/digest.ts";
import { tempDir } from "../../../plesk/support/temp.ts";

// What breaks when these fail: previews fail on secrets, or something of a preview stays behind.

const STACK = "prod-cell-07";
const API = `/api/stacks/organization/sitefleet/${STACK}`;
const KEY = StackKey.unpacked({ salt: "v1:AAAA:v1:B:C", key: Buffer.alloc(32, 7).toString("base64") });
const MARK = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

let service: PreviewService | undefined;
afterEach(() => service?.close());

async function serve(
  salt = KEY.salt,
  settled?: (text: string) => string,
  key: StackKey | null = KEY,
  onEvent?: PreviewOptions["onEvent"],
) {
  const [dir, folder] = [tempDir("states-"), tempDir("preview-")];
  const sealed = KEY.close("geheim");
  const latest = {
    secrets_providers: { type: "passphrase", state: { salt } },
    resources: [
      { urn: "urn:1", type: "a:b:C", outputs: { password: { ...MARK, ciphertext: sealed } } },
      { urn: "urn:0", type: "pulumi:pulumi:Stack" },
    ],
  };
  const file = join(dir, placesOf(STACK).state);
  mkdirSync(dirname(file), { recursive: true });
  const state = JSON.stringify({ version: 3, checkpoint: { stack: STACK, latest } });
  writeFileSync(file, state);
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
  service = await servePreview({
    dir,
    stack: STACK,
    key: key ?? undefined,
    configFile,
    folder,
    settled: settled?.(state),
    onEvent,
  });
  const { PULUMI_BACKEND_URL: url, PULUMI_ACCESS_TOKEN: token } = service.env;
  const call = async (method: string, path: string, body?: unknown) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${url}${path}`, { method, headers: { authorization: `token ${token}` }, ...sent });
    return { status: answer.status, body: (await answer.json()) as Record<string, never> };
  };
  return { call, sealed, dir, configFile: service.configFile, url };
}

it("answers a state for an engine that has the key from here, and tells the key who has its token alone", async () => {
  const { call, sealed, url } = await serve();
  const { body } = await call("POST", `${API}/begin-update`, { updateKind: "preview" });
  expect(body).toMatchObject({
    deployment: {
      deployment: { secrets_providers: KEEPER, resources: [{ outputs: { password: { ciphertext: sealed } } }, {}] },
    },
  });
  const ask = (token: string) =>
    fetch(`${url}${KEEPER_PATH}`, { method: "PUT", headers: { [KEEPER_HEADER]: token }, body: "{}" });
  const { VAULT_SERVER_URL, VAULT_SERVER_TOKEN = "" } = service?.env ?? {};
  expect(VAULT_SERVER_URL).toBe(url);
  expect(await (await ask(VAULT_SERVER_TOKEN)).json()).toEqual({ data: { plaintext: KEY.packed().key } });
  expect((await ask("other")).status).toBe(401);
  expect((await ask("")).status).toBe(401);
});

it("leaves a state that another key has closed as it is", async () => {
  const { call, sealed } = await serve("v1:BBBB:v1:B:C");
  const { body } = await call("GET", `${API}/export`);
  expect(body).toMatchObject({
    deployment: {
      secrets_providers: { type: "passphrase" },
      resources: [{ outputs: { password: { ciphertext: sealed } } }, {}],
    },
  });
});

it("answers of another stack what a reference to it reads, and begins no preview of it", async () => {
  const { call } = await serve();
  const { body } = await call("GET", "/api/stacks/organization/sitefleet/prod/export");
  expect(body.deployment).toMatchObject({
    secrets_providers: KEEPER,
    resources: [{ outputs: { projects: { shop: "prj_1" } } }],
    pending_operations: [],
  });
  expect((await call("GET", "/api/stacks/organization/sitefleet/prod")).status).toBe(200);
  expect((await call("GET", "/api/stacks/organization/sitefleet/none")).status).toBe(404);
  const begun = await call("POST", "/api/stacks/organization/sitefleet/prod/begin-update", { updateKind: "preview" });
  expect(begun.status).toBe(500);
});

it("has the engine read a configuration file without the salt, for this user alone", async () => {
  const { configFile, sealed } = await serve();
  const text = readFileSync(configFile, "utf8");
  expect(text).not.toContain("encryptionsalt");
  expect(text).toContain(`    secure: ${sealed} # mine`);
  expect(statSync(configFile).mode & 0o077).toBe(0);
});

it("has resources compared by their declaration only where the state is to the letter the one that is known", async () => {
  const flag = () => service?.env.PULUMI_ENABLE_LEGACY_DIFF;
  await serve(KEY.salt, digestOfText);
  expect(flag()).toBe("true");
  await service?.close();
  await serve(KEY.salt, (text) => digestOfText(text.replace("urn:1", "urn:2")));
  expect(flag()).toBeUndefined();
  await service?.close();
  await serve(KEY.salt, digestOfText, null);
  expect(flag(), "without the key no preview is served, and an update does what its review has shown").toBeUndefined();
  await service?.close();
  await serve();
  expect(flag()).toBeUndefined();
});

it("tells what the engine posts, in its order, and whether something of it is missing", async () => {
  const told: number[] = [];
  const { call } = await serve(KEY.salt, undefined, KEY, (event) => told.push(event.sequence));
  const { body } = await call("POST", `${API}/begin-update`, { updateKind: "preview" });
  const send = (events: object[]) => call("POST", `${API}/preview/${body.updateID}/events/batch`, { events });
  const post = (...events: number[]) => send(events.map((sequence) => ({ sequence })));
  await Promise.all([post(2, 3), post(0)]);
  expect(told).toEqual([0]);
  expect(service?.hasToldAll()).toBe(false);
  await post(1);
  expect(told).toEqual([0, 1, 2, 3]);
  expect(service?.hasToldAll(), "without the summary").toBe(false);
  await send([{ sequence: 5, summaryEvent: {} }]);
  expect(service?.hasToldAll()).toBe(false);
  await post(4);
  expect(service?.hasToldAll()).toBe(true);
});

it("writes nothing beside the states", async () => {
  const { call, dir } = await serve();
  const { body } = await call("POST", `${API}/begin-update`, { updateKind: "preview" });
  await call("POST", `${API}/preview/${body.updateID}/events/batch`, { events: [] });
  await call("POST", `${API}/preview/${body.updateID}/complete`, { status: "succeeded" });
  expect(readdirSync(dir)).toEqual([".pulumi"]);
});
