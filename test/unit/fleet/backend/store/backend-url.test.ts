import { describe, expect, it } from "vitest";
import { checkBackendUrl, readBackendUrl, withoutPasswords } from "../../../../../fleet/backend/store/backend-url.ts";
import { stateStore } from "../../../../../fleet/backend/store/state-store.ts";

// What breaks when these fail: our locks and journals lie elsewhere than the engine's state, or a password is printed.

describe("readBackendUrl", () => {
  it("reads a bucket at Amazon with a folder", () => {
    expect(readBackendUrl("s3://estate/web/prod/?region=eu-central-1&profile=fleet")).toEqual({
      kind: "s3",
      bucket: "estate",
      prefix: "web/prod/",
      region: "eu-central-1",
      profile: "fleet",
      pathStyle: false,
    });
  });

  it.each([
    "s3://b?endpoint=127.0.0.1:9000&disableSSL=true&s3ForcePathStyle=true",
    "s3://b?endpoint=http://127.0.0.1:9000&use_path_style=true",
    "s3://b?endpoint=127.0.0.1:9000&disable_https=true&use_path_style=true",
  ])("reads another server in both generations of parameters: %s", (url) => {
    expect(readBackendUrl(url)).toEqual({
      kind: "s3",
      bucket: "b",
      prefix: "",
      endpoint: "http://127.0.0.1:9000",
      pathStyle: true,
    });
  });

  it("keeps TLS where nothing switches it off", () => {
    expect(readBackendUrl("s3://b?endpoint=s3.example.org")).toMatchObject({ endpoint: "https://s3.example.org" });
  });

  it("puts the database's name in front of the keys and takes the table, as the engine does", () => {
    const address = readBackendUrl("postgres://me:pw@db:5432/state?table=fleet_state&sslmode=require");
    expect(address).toMatchObject({ kind: "postgres", table: "fleet_state", prefix: "state/" });
    expect(address.kind === "postgres" && new URL(address.connection).searchParams.has("table")).toBe(false);
    expect(readBackendUrl("postgresql://db/state")).toMatchObject({ table: "pulumi_state" });
  });

  it.each([
    ["file:///srv/state", "file"],
    ["gs://bucket", "other"],
    ["azblob://container", "other"],
    ["https://api.pulumi.com", "other"],
    ["", "other"],
  ])("knows %s as %s", (url, kind) => {
    expect(readBackendUrl(url)).toEqual({ kind });
  });
});

describe("withoutPasswords", () => {
  it.each([
    "unable to open bucket postgres://me:s3cr3t@db/state?sslmode=disable: refused",
    "postgres://me:s3cr3t@db/state/.pulumi/locks/x.json: created by a@b",
    "twice: postgres://a:s3cr3t@b/c and postgresql://d:s3cr3t@e/f",
    "postgres://db/state?user=me&password=s3cr3t&sslmode=disable",
    "postgres://me:p%40s3cr3t@db/state",
  ])("takes the password out of: %s", (text) => {
    const shown = withoutPasswords(text);
    expect(shown).not.toContain("s3cr3t");
    expect(shown).toContain("postgres");
  });

  it("leaves other text as it is", () => {
    const text = "s3://bucket?endpoint=127.0.0.1:9000 user@host 12:30 https://example.org/a@b";
    expect(withoutPasswords(text)).toBe(text);
  });
});

describe("stateStore", () => {
  it("is none where only the engine's state has a place, and refuses a place that it cannot use", () => {
    for (const url of ["file:///srv/state", "gs://bucket", "https://api.pulumi.com", undefined]) {
      expect(stateStore({ PULUMI_BACKEND_URL: url })).toBeUndefined();
    }
    expect(() => stateStore({ SITEFLEET_STATE_URL: "gs://bucket" })).toThrow(
      expect.objectContaining({ code: "environment.invalid" }),
    );
  });
});

// The engine takes such an address for one of Pulumi Cloud's, and asks for an access token.
describe("an address that no backend has", () => {
  it.each([
    ["garbage", "is no address"],
    ["ftp://host/dir", "of the form ftp://"],
    ["s3://", "names no place"],
    ["file://relative/dir", "an absolute path"],
    ["postgres://fleet:geheim@[host/state", "cannot be read"],
  ])("%s is refused, without what is secret in it", (url, message) => {
    let error: unknown;
    try {
      checkBackendUrl({ PULUMI_BACKEND_URL: url });
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: "environment.invalid", subject: "PULUMI_BACKEND_URL" });
    expect(String(error)).toContain(message);
    expect(JSON.stringify(error)).not.toContain("geheim");
  });

  it.each([
    "",
    "file:///data",
    "file://~",
    "s3://b?region=x",
    "gs://b",
    "azblob://c",
    "https://api.pulumi.com",
    "postgres:///state",
  ])("%j is none of them", (url) => checkBackendUrl({ PULUMI_BACKEND_URL: url }));
});
