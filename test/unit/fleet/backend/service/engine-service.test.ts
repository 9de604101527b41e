import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { StackKey } from "../../../../../fleet/backend/secrets/stack-key.ts";
import type { ServedStack } from "../../../../../fleet/backend/service/engine-files.ts";
import { type EngineService, serveEngine } from "../../../../../fleet/backend/service/engine-service.ts";
import { replayLeft } from "../../../../../fleet/backend/service/journal-file.ts";
import type { Left } from "../../../../../fleet/backend/service/state-part.ts";
import { placesOf } from "../../../../../fleet/backend/store/project.ts";
import { tempDir } from "../../../plesk/support/temp.ts";

// What breaks when these fail: the engine is told that a step is kept which is not, or a killed run's steps are forgotten.

const STACK = "prod-cell-07";
const keys = placesOf(STACK);
const API = `/api/stacks/organization/sitefleet/${STACK}`;
const urn = (name: string) => `urn:pulumi:${STACK}::sitefleet::random:index/randomId:RandomId::${name}`;
const KEY = StackKey.unpacked({ salt: "v1:AAAA:v1:B:C", key: Buffer.alloc(32, 7).toString("base64") });
const EMPTY = {
  version: 3,
  checkpoint: { stack: `organization/sitefleet/${STACK}`, latest: { manifest: {}, metadata: {} } },
};

const begun = (operationID: number, name: string) => ({
  version: 1,
  kind: 0,
  sequenceID: operationID * 2 - 1,
  operationID,
  operation: { resource: { urn: urn(name), custom: true, type: "random:index/randomId:RandomId" }, type: "creating" },
});
const made = (operationID: number, name: string) => ({
  version: 1,
  kind: 1,
  sequenceID: operationID * 2,
  operationID,
  state: { urn: urn(name), custom: true, id: name, type: "random:index/randomId:RandomId" },
});

/** A working copy with a stack, and a service for it. @param state @default that of an empty one */
async function copy(state: object = EMPTY, more: Partial<ServedStack> = {}) {
  const dir = tempDir("copy-");
  const file = join(dir, keys.state);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(state));
  const service = await serveEngine({ dir, stack: STACK, configFile: "Pulumi.prod.yaml", ...more });
  services.push(service);
  const { PULUMI_BACKEND_URL: url, PULUMI_ACCESS_TOKEN: token } = service.env;
  const call = async (method: string, path: string, body?: unknown, authorization = `token ${token}`) => {
    const sent = body === undefined ? {} : { body: gzipSync(JSON.stringify(body)) };
    const headers = { authorization, "content-encoding": "gzip" };
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: body === undefined ? { authorization } : headers,
      ...sent,
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const begin = async () => {
    const program = { config: {}, metadata: { message: "one", environment: { "exec.kind": "auto.inline" } } };
    const { body } = await call("POST", `${API}/begin-update`, { updateKind: "update", journalVersion: 2, program });
    return { journalVersion: body.journalVersion, path: `${API}/update/${body.updateID}` };
  };
  const names = () =>
    (JSON.parse(readFileSync(file, "utf8")).checkpoint.latest.resources ?? []).map(({ id }: { id: string }) => id);
  return { dir, service, call, begin, names, file };
}

const services: EngineService[] = [];
afterEach(async () => {
  for (const one of services.splice(0)) await one.close().catch(() => {});
});

describe("the service of the engine", () => {
  it("answers who has its token alone", async () => {
    const { call } = await copy();
    expect((await call("GET", "/api/user")).status).toBe(200);
    expect((await call("GET", "/api/user", undefined, "token x")).status).toBe(401);
    expect((await call("GET", "/api/user", undefined, "")).status).toBe(401);
    expect((await call("POST", `${API}/begin-update`, {}, "token x")).status).toBe(401);
  });

  it("has the stacks of the copy, and no others", async () => {
    const { call } = await copy();
    expect((await call("GET", API)).body).toMatchObject({ stackName: STACK, orgName: "organization" });
    expect((await call("GET", `${API}/export`)).body).toMatchObject({ version: 3, deployment: { metadata: {} } });
    expect((await call("GET", "/api/stacks/organization/sitefleet/prod")).status).toBe(404);
    expect((await call("GET", "/api/stacks/organization/sitefleet/..%2f..%2fcopy")).status).toBe(404);
  });

  it("has an entry on disk before it answers", async () => {
    const { call, begin, dir } = await copy();
    const { path, journalVersion } = await begin();
    expect(journalVersion).toBe(1);
    expect((await call("PATCH", `${path}/journalentries`, { entries: [begun(1, "a")] })).status).toBe(200);
    expect(readFileSync(join(dir, "journal", "entries.jsonl"), "utf8")).toContain(urn("a"));
  });

  it("keeps the state up to date, and writes what the engine writes at the end", async () => {
    const { call, begin, names, service, dir } = await copy();
    const { path } = await begin();
    await call("PATCH", `${path}/journalentries`, { entries: [begun(1, "a"), made(1, "a"), begun(2, "b")] });
    await expect.poll(names, { timeout: 5_000 }).toEqual(["a"]);
    await call("PATCH", `${path}/journalentries`, { entries: [made(2, "b")] });
    await call("POST", `${path}/events/batch`, { events: [{ summaryEvent: { resourceChanges: { create: 2 } } }] });
    await call("POST", `${path}/complete`, { status: "succeeded" });
    await service.close();
    expect(names()).toEqual(["a", "b"]);
    const history = readdirSync(join(dir, keys.history)).find((name) => name.endsWith(".history.json"));
    expect(JSON.parse(readFileSync(join(dir, keys.history, history ?? ""), "utf8"))).toMatchObject({
      kind: "update",
      message: "one",
      result: "succeeded",
      resourceChanges: { create: 2 },
    });
    expect(existsSync(join(dir, "journal"))).toBe(false);
  });

  it("gives the engine the part of some sites, and keeps its steps in the whole state, also on the disk", async () => {
    const site = (host: string) => `urn:pulumi:${STACK}::sitefleet::sitefleet:vercel:Site::${host}`;
    const of = (host: string) => [
      { urn: site(host), custom: false, type: "sitefleet:vercel:Site", id: host },
      { urn: urn(host), custom: false, type: "random:index/randomId:RandomId", parent: site(host), id: `${host}/id` },
    ];
    const resources = ["a", "b", "c"].flatMap(of);
    const secrets_providers = { type: "passphrase", state: { salt: KEY.salt } };
    const latest = { ...EMPTY.checkpoint.latest, secrets_providers, resources };
    const state = { ...EMPTY, checkpoint: { ...EMPTY.checkpoint, latest } };
    const configFile = join(tempDir("config-"), "Pulumi.prod.yaml");
    writeFileSync(configFile, `encryptionsalt: ${KEY.salt}\n`);
    let left: Left | undefined;
    const { call, begin, names, service, dir, file } = await copy(state, {
      key: KEY,
      configFile,
      sites: ["c"],
      onLeft: (found) => {
        left = found;
      },
    });
    const { body } = await call("GET", `${API}/export`);
    const ids = (body.deployment as { resources: { id: string }[] }).resources.map(({ id }) => id);
    expect(ids).toEqual(["a", "c", "c/id"]);
    const { path } = await begin();
    expect(left).toEqual({ resources: 3, witness: site("a") });
    const changed = {
      version: 1,
      kind: 1,
      sequenceID: 1,
      operationID: 1,
      removeOld: 2,
      state: { ...resources[5], id: "new" },
    };
    await call("PATCH", `${path}/journalentries`, { entries: [changed] });
    const whole = ["new", "a", "a/id", "b", "b/id", "c"];
    // As a run finds it that was killed here.
    const copied = tempDir("copied-");
    cpSync(dir, copied, { recursive: true });
    writeFileSync(join(copied, keys.state), readFileSync(file));
    replayLeft(copied, STACK);
    const replayed = JSON.parse(readFileSync(join(copied, keys.state), "utf8")).checkpoint.latest.resources;
    expect(replayed.map(({ id }: { id: string }) => id)).toEqual(whole);
    await service.close();
    expect(names()).toEqual(whole);
  });

  it("keeps the steps of an engine that ended without a word, what it had begun as pending", async () => {
    const { call, begin, names, service, file } = await copy();
    const { path } = await begin();
    await call("PATCH", `${path}/journalentries`, { entries: [begun(1, "a"), made(1, "a"), begun(2, "b")] });
    await service.close();
    expect(names()).toEqual(["a"]);
    expect(JSON.parse(readFileSync(file, "utf8")).checkpoint.latest.pending_operations).toMatchObject([
      { type: "creating", resource: { urn: urn("b") } },
    ]);
  });

  it("refuses an engine that would send no journal: nothing would be saved until its end", async () => {
    const { call, service } = await copy();
    const { status, body } = await call("POST", `${API}/begin-update`, { updateKind: "update", program: {} });
    expect(status).toBe(400);
    expect(body.message).toMatch(/no journal/);
    await expect(service.close()).rejects.toMatchObject({ code: "state.steps" });
  });

  it("refuses entries that it does not know, and tells the run", async () => {
    const { call, begin, service } = await copy();
    const { path } = await begin();
    const entries = [{ ...begun(1, "a"), version: 7 }];
    expect((await call("PATCH", `${path}/journalentries`, { entries })).status).toBe(400);
    await expect(service.close()).rejects.toMatchObject({ code: "state.steps" });
  });
});

describe("a journal that a killed run has left", () => {
  const left = async (after: string) => {
    const { call, begin, dir } = await copy();
    const { path } = await begin();
    await call("PATCH", `${path}/journalentries`, { entries: [begun(1, "a"), made(1, "a")] });
    const journal = readFileSync(join(dir, "journal", "entries.jsonl"), "utf8");
    // As another process finds it: the state's file may be older.
    const there = tempDir("left-");
    mkdirSync(dirname(join(there, keys.state)), { recursive: true });
    writeFileSync(join(there, keys.state), JSON.stringify(EMPTY));
    mkdirSync(join(there, "journal"));
    writeFileSync(join(there, "journal", "base.json"), JSON.stringify(EMPTY));
    writeFileSync(join(there, "journal", "entries.jsonl"), journal + after);
    replayLeft(there, STACK);
    const state = JSON.parse(readFileSync(join(there, keys.state), "utf8")).checkpoint.latest;
    return { there, state };
  };

  it("is put into the state", async () => {
    const { there, state } = await left("");
    expect(state.resources).toMatchObject([{ id: "a" }]);
    expect(existsSync(join(there, "journal"))).toBe(false);
    replayLeft(there, STACK);
  });

  it("is put into the state before another update begins, and when the copy is handed in", async () => {
    const { call, begin, dir, names } = await copy();
    const { path } = await begin();
    await call("PATCH", `${path}/journalentries`, { entries: [begun(1, "a"), made(1, "a")] });
    // A disk without room for the state: what follows the steps cannot write.
    const blocked = `${join(dir, keys.state)}.${process.pid}.tmp`;
    mkdirSync(blocked);
    await expect(services.splice(0)[0]?.close()).rejects.toThrow("EISDIR");
    expect(names()).toEqual([]);
    rmSync(blocked, { recursive: true });
    const later = await serveEngine({ dir, stack: STACK, configFile: "Pulumi.prod.yaml" });
    services.push(later);
    const { PULUMI_BACKEND_URL: url, PULUMI_ACCESS_TOKEN: token } = later.env;
    await fetch(`${url}${API}/begin-update`, {
      method: "POST",
      headers: { authorization: `token ${token}` },
      body: JSON.stringify({ updateKind: "update", journalVersion: 2, program: {} }),
    });
    expect(names()).toEqual(["a"]);
  });

  it("is read up to the entry that was cut off with the process", async () => {
    const { state } = await left('{"version":1,"kind":1,"seq');
    expect(state.resources).toMatchObject([{ id: "a" }]);
  });
});
