// A disk that is full while a failed deployment is put back: what restores the service must not hang on a note. On a file system, without
// ssh. What would break: visitors keep the failed release or the maintenance notice, because a mark could not be written.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { parseDocument, parseTarget } from "../../../plesk/index.ts";
import type { DeployDocument } from "../../../plesk/input.ts";
import { rollbackOn } from "../../../plesk/operations/rollback.ts";
import { statusOn } from "../../../plesk/operations/status.ts";
import { deployOn } from "../../../plesk/transaction/deploy.ts";
import { makeArtifact, writeFiles } from "./support/driver.ts";
import { localHost } from "./support/local.ts";

const host = localHost();
const HOST = { address: "localhost", user: "test", hostKey: `ssh-ed25519 ${"A".repeat(40)}` };
const artifacts = {
  one: makeArtifact({ "index.html": "one" }),
  two: makeArtifact({ "index.html": "two" }),
  ill: makeArtifact({ "index.html": "ill" }),
};
let number = 0;
afterEach(() => host.fill(undefined));

/** A service that shows a notice while it migrates, and whose check fails for what is ill. */
function service() {
  number += 1;
  const key = `f${number}`;
  const path = join(host.root, key, "httpdocs");
  const base = `${path}.sitefleet`;
  const commands = [
    { name: "notice on", phase: "maintenance-on", argv: ["sh", "-c", ": >../notice"] },
    { name: "migrate", phase: "before-switch", migrates: true, argv: ["true"] },
    { name: "start", phase: "after-switch", restarts: true, argv: ["test", "-f", "index.html"] },
    { name: "check", phase: "check", argv: ["sh", "-c", "! grep -q ill index.html"] },
    { name: "notice off", phase: "maintenance-off", argv: ["rm", "-f", "../notice"] },
  ];
  const document = (name: keyof typeof artifacts): DeployDocument =>
    parseDocument({
      host: HOST,
      service: { key, path, commands: commands as never },
      artifact: { dir: artifacts[name] },
      env: { PAGE: name },
      owner: "me",
      allow: ["no-snapshot"],
      lock: { leaseSeconds: 60, waitSeconds: 0 },
    });
  const target = () => parseTarget({ host: HOST, service: { key, path, commands: commands as never } });
  return {
    path,
    base,
    page: () => readFileSync(`${path}/index.html`, "utf8"),
    env: () => readFileSync(`${base}/shared/.env`, "utf8"),
    marks: (ending: string) => readdirSync(`${base}/state`).filter((name) => name.endsWith(ending)),
    deploy: (name: keyof typeof artifacts) => deployOn(document(name), host.session()),
    status: () => statusOn(target(), host.session()),
    rollback: () => rollbackOn(target(), host.session()),
  };
}

/** From where a failed deployment is put back. */
function fullOnceGoingBack(): void {
  let back = false;
  host.fill((label) => {
    back ||= label === "going back";
    return back;
  });
}

describe("the disk is full while a failed deployment is put back", () => {
  test("release, environment and notice are put back all the same; only the mark is missing", async () => {
    const s = service();
    const { release } = await s.deploy("one");
    fullOnceGoingBack();
    await expect(s.deploy("ill")).rejects.toMatchObject({
      code: "plesk.step",
      message: expect.stringMatching(/^check/),
    });
    host.fill(undefined);
    expect(s.page()).toBe("one");
    expect(s.env()).toBe("PAGE=one\n");
    expect(existsSync(`${s.base}/releases/notice`)).toBe(false);
    expect(await s.status()).toMatchObject({ live: release, pending: false, locks: [] });
    expect(s.marks(".bad")).toEqual([]);
    expect(s.marks(".next")).toEqual([]);
    // With room again it is judged once more, and remembered.
    await expect(s.deploy("ill")).rejects.toMatchObject({ code: "plesk.step" });
    expect(s.marks(".bad")).toHaveLength(1);
    await expect(s.deploy("ill")).rejects.toMatchObject({ code: "plesk.bad-release" });
  });

  test("after a deployment that was killed as well, by the next one", async () => {
    const s = service();
    const { release } = await s.deploy("one");
    writeFileSync(`${s.base}/state/journal`, `migrating ${"e".repeat(64)} ${release} -\n`);
    writeFileSync(`${s.base}/releases/notice`, "");
    mkdirSync(`${s.base}/lock`);
    writeFileSync(`${s.base}/lock/1.0a`, "");
    host.fill(() => true);
    // The next deployment itself has no room; what was pending is ended before that.
    await expect(s.deploy("two")).rejects.toThrow();
    host.fill(undefined);
    expect(existsSync(`${s.base}/releases/notice`)).toBe(false);
    expect(await s.status()).toMatchObject({ live: release, pending: false });
  });

  test("what the document root was before its first deployment serves again, and can be gone back to later", async () => {
    const s = service();
    writeFiles(s.path, { "index.html": "before" });
    fullOnceGoingBack();
    await expect(s.deploy("ill")).rejects.toMatchObject({ code: "plesk.step" });
    host.fill(undefined);
    expect(s.page()).toBe("before");
    await s.deploy("one");
    expect(await s.rollback()).toMatchObject({ release: "original" });
    expect(s.page()).toBe("before");
  });
});

describe("marks", () => {
  test("an older mark outlives a newer one that cannot be written", async () => {
    const s = service();
    const { release } = await s.deploy("one");
    const before = readFileSync(`${s.base}/state/${release}.good`, "utf8");
    host.fill((label) => label === "finishing" || label === "noting the success");
    await s.deploy("one").catch(() => {});
    host.fill(undefined);
    expect(readFileSync(`${s.base}/state/${release}.good`, "utf8")).toBe(before);
    expect(readFileSync(`${s.base}/state/owner`, "utf8")).toBe("me\n");
  });

  test.each(["", "  ", "not a number"])(
    "a mark that says %j keeps its release good, and shifts nothing",
    async (text) => {
      const s = service();
      const { release: one } = await s.deploy("one");
      const { release: two } = await s.deploy("two");
      writeFileSync(`${s.base}/state/${one}.good`, text);
      const { releases, rollbackTo } = await s.status();
      expect(releases.find(({ id }) => id === two)).toMatchObject({ live: true, bad: false, usable: true });
      expect(releases.find(({ id }) => id === one)).toMatchObject({ bad: false, usable: true });
      expect(releases.find(({ id }) => id === one)?.goodAt).not.toBeNull();
      expect(rollbackTo).toBe(one);
      expect(await s.rollback()).toMatchObject({ release: one });
    },
  );
});
