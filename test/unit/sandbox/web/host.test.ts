// What would break: the web would show a release that the host does not have live, or files outside the host's tree.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveOnHost } from "../../../../sandbox/host/host-path.ts";
import { answer } from "../../../../sandbox/web/answer.ts";
import { dnsOf, service, world } from "./world.ts";

const path = "/www/htdocs/w1/subdomains/crm/httpdocs";
const dns = dnsOf({ "A crm.test": "192.0.2.1" });
let tree: string;

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), "sandbox-host-"));
  mkdirSync(join(tree, path), { recursive: true });
});
afterEach(() => rmSync(tree, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), text);
}

function get(address: string, asked = { path: "/", status: 200 }) {
  const health = { ...asked, release: true, withinSeconds: 15 };
  const crm = service({ key: "crm", host: "crm.test", path, kind: "fastapi", health });
  const sources = world({ dns, hostTree: tree, service: () => crm });
  return answer(new Request(`http://x${address}`, { headers: { host: "crm.test" } }), sources, 1);
}

describe("a service", () => {
  it("without files says so", async () => {
    const response = await get("/");
    expect([response.status, response.headers.get("x-sitefleet-reason")]).toEqual([503, "no-release"]);
  });

  it("without releases is served from its own directory", async () => {
    write(`${path}/index.html`, "plain");
    const response = await get("/");
    expect([response.status, await response.text(), response.headers.get("x-release")]).toEqual([200, "plain", null]);
  });

  it.each(["releases/r2", `${path}/releases/r2`])("is served from where current leads to (%s)", async (target) => {
    write(`${path}/index.html`, "plain");
    write(`${path}/releases/r2/index.html`, "second");
    symlinkSync(target, join(tree, path, "current"));
    const response = await get("/");
    expect([await response.text(), response.headers.get("x-release")]).toEqual(["second", "r2"]);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  });

  it("changes the moment the link does", async () => {
    for (const id of ["r1", "r2"]) write(`${path}/releases/${id}/index.html`, id);
    symlinkSync("releases/r1", join(tree, path, "current"));
    expect(await (await get("/")).text()).toBe("r1");
    symlinkSync("releases/r2", join(tree, path, "next"));
    renameSync(join(tree, path, "next"), join(tree, path, "current"));
    expect((await get("/")).headers.get("x-release")).toBe("r2");
  });

  it("of a program answers its health address once it is uploaded", async () => {
    const health = { path: "/health", status: 200 };
    expect((await get("/health", health)).status).toBe(503);
    write(`${path}/releases/r1/main.py`, "");
    symlinkSync("releases/r1", join(tree, path, "current"));
    expect(await (await get("/health", health)).json()).toEqual({ status: "ok", service: "crm", release: "r1" });
    expect((await get("/other", health)).status).toBe(404);
  });

  it.each([
    ["/.env", 403],
    ["/.git/config", 403],
    ["/.well-known/x.txt", 200],
    ["/sub", 301],
    ["/sub/", 200],
    ["/program.php", 501],
    ["/none.css", 404],
    ["/%2e%2e/%2e%2e/secret", 404],
    ["/a%00b", 403],
    ["/%zz", 404],
  ])("%s gives %i", async (address, status) => {
    for (const file of [".env", ".git/config", ".well-known/x.txt", "sub/index.html", "program.php"]) {
      write(`${path}/${file}`, "x");
    }
    expect((await get(address)).status).toBe(status);
  });

  it("does not serve a link out of the host's tree", async () => {
    symlinkSync("/etc/passwd", join(tree, path, "absolute.txt"));
    symlinkSync("../../../../../../../../../../etc/passwd", join(tree, path, "relative.txt"));
    expect([(await get("/absolute.txt")).status, (await get("/relative.txt")).status]).toEqual([404, 404]);
  });
});

describe("resolveOnHost", () => {
  it("never leaves the tree, whatever the path and the links", () => {
    const part = fc.constantFrom("..", ".", "a", "b", "link", "");
    mkdirSync(join(tree, "a/b"), { recursive: true });
    symlinkSync("../../../../..", join(tree, "a/link"));
    symlinkSync("/", join(tree, "link"));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const resolved = resolveOnHost(tree, `/${parts.join("/")}`);
        return resolved === undefined || (resolved.startsWith("/") && !resolved.split("/").includes(".."));
      }),
    );
  });

  it("gives up on links that lead in a circle", () => {
    symlinkSync("two", join(tree, "one"));
    symlinkSync("one", join(tree, "two"));
    expect(resolveOnHost(tree, "/one")).toBeUndefined();
  });
});
