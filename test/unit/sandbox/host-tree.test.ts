import { lstatSync, rmdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { prepareHostTree } from "../../../sandbox/ssh/host-tree.ts";
import { tempDir } from "../plesk/support/temp.ts";

// What breaks when this fails: the sandbox does not start again once a service was taken out of service.
test("the host's tree is made again beside a document root that leads nowhere", () => {
  const tree = tempDir("host-tree-");
  const profile = { kind: "generic", root: "/www/w01", user: "w01" } as unknown as Parameters<
    typeof prepareHostTree
  >[1];
  const services = [{ key: "docs", path: "/www/w01/docs/httpdocs" }];
  const path = join(tree, "www/w01/docs/httpdocs");
  prepareHostTree(tree, profile, services);
  rmdirSync(path);
  symlinkSync("httpdocs.sitefleet/current", path);
  prepareHostTree(tree, profile, services);
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
});
