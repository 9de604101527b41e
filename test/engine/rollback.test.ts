import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Estate, type Row } from "../support/estate.ts";
import { stepsOf } from "../support/steps.ts";

// Going back with the real engine. What breaks when these fail: after an incident the old release does not come back, is
// built again, or the next run brings the bad one back. The tests follow on each other.

const GOOD = "a".repeat(40);
const BAD = "b".repeat(40);
const rows: Row[] = [
  { name: "one", tags: "canary" },
  { name: "two", tags: "canary" },
  { name: "kept", tags: "canary" },
];
const estate = new Estate(rows, "none");
const { release, run, live, whole } = stepsOf(estate);
const CELL = ["--stack", "prod-cell-canary"];

const deployments = async () =>
  ((await estate.control("/inventory")) as { vercel: { deployments: unknown[] } }).vercel.deployments.length;

beforeAll(async () => {
  estate.edit("zones.yaml", (text) => text.replaceAll("mode: create", "mode: existing"));
  release(GOOD);
  await estate.start();
  await run(0, "up", "--yes", "--stack", "prod", ...CELL);
  release(BAD);
  await run(0, "up", "--yes", ...CELL);
});
afterAll(() => estate.remove());

describe("a release", () => {
  it("goes back for one site without a build; the others keep theirs, and live state is what the state says", async () => {
    const before = await deployments();
    expect(await Promise.all(["one", "two"].map(live))).toEqual([BAD, BAD]);
    await fetch(new URL("/requests", estate.info.urls.control), { method: "DELETE" });
    const back = await run(0, "rollback", "--site", "one.qmoney.de", "--yes", "--reason", "answers 500");
    expect(back.total).toMatchObject({ changed: 1, created: 0, replaced: 0, deleted: 0 });
    expect(back.health).toMatchObject({ verdict: "pass", counts: { pass: 1, fail: 0 } });
    expect(back.rebuilt).toEqual([]);
    expect(await Promise.all(["one", "two"].map(live))).toEqual([GOOD, BAD]);
    expect(await deployments()).toBe(before);
    await whole();
    // Promotions that wait behind needless calls are an outage that lasts longer.
    const { routes } = (await estate.control("/requests?latest=0")) as {
      routes: { vendor: string; method: string; route: string; count: number }[];
    };
    const ofSite = routes.filter(
      ({ vendor, route }) => vendor === "vercel" && /promote|deployments|projects|aliases/.test(route),
    );
    expect(ofSite.map(({ method, route, count }) => `${count} ${method} ${route}`).sort()).toEqual([
      "1 GET /v4/aliases/:alias",
      "1 GET /v6/deployments",
      // Does the project still assign its domains as declared, after the promotion?
      "1 GET /v9/projects/:project",
      "1 POST /v10/projects/:project/promote/:deployment",
    ]);
  });

  it("is refused by the next run and shown by the preview, until it is cleared", async () => {
    // With what is live: the sites that stayed have not drifted, the one that went back differs by its release alone.
    const preview = await estate.sitefleet("preview", "--refresh", "--json", ...CELL);
    expect(
      JSON.parse(preview.stdout).steps.map(({ op, name }: { op: string; name: string }) => `${op} ${name}`),
    ).toEqual(["update one.qmoney.de"]);
    expect(preview.stderr).toContain("answers 500");
    expect(await run(1, "up", "--yes", ...CELL)).toMatchObject({ error: { code: "release.bad" } });
    expect(await run(0, "release", "list")).toMatchObject([{ commit: BAD, reason: "answers 500" }]);
    await run(0, "release", "clear", BAD.slice(0, 10));
    await run(0, "up", "--yes", ...CELL);
    expect(await live("one")).toBe(BAD);
  });

  it("goes back with the whole stack when a run is undone", async () => {
    release(GOOD);
    const { run: id } = await run(0, "up", "--yes", ...CELL);
    const undone = await run(0, "rollback", "--run", id, "--yes");
    expect(undone.total).toMatchObject({ changed: 3, created: 0, deleted: 0 });
    expect(await Promise.all(["one", "two", "kept"].map(live))).toEqual([BAD, BAD, BAD]);
    // It is undone: there is nothing left of it.
    expect(await run(1, "rollback", "--run", id, "--yes")).toMatchObject({ error: { code: "rollback.none" } });
    const back = await run(0, "rollback", ...CELL, "--to", "1", "--yes");
    expect(back.to).toEqual([{ stack: "prod-cell-canary", version: 1 }]);
    expect(await Promise.all(["one", "two", "kept"].map(live))).toEqual([GOOD, GOOD, GOOD]);
    await whole();
    const refresh = await run(0, "rollback", ...CELL, "--to", "1", "--preview", "--refresh");
    expect(refresh.changes).toEqual([]);
    await run(0, "release", "clear", "--all");
  });
});

describe("what is not a release", () => {
  it("a DNS record comes back as it was", async () => {
    estate.edit("zones.yaml", (text) => text.replace("kasserver.com -all", "kasserver.com ~all"));
    const up = await run(0, "up", "--yes", "--stack", "prod");
    // A record is its content: another one is made and the old one goes.
    const { created, changed, deleted } = up.total;
    expect(created + changed + deleted).toBeGreaterThan(0);
    const back = await run(0, "rollback", "--stack", "prod", "--yes");
    expect(back.total).toMatchObject({ created: deleted, changed, deleted: created });
    const again = await run(
      0,
      "rollback",
      "--stack",
      "prod",
      "--to",
      String(back.to[0].version),
      "--preview",
      "--refresh",
    );
    expect(again.changes).toEqual([]);
    await whole();
  });

  it("a project's setting comes back as it was, for one site", async () => {
    estate.writeSites(rows.map((row) => (row.name === "one" ? { ...row, framework: "astro" } : row)));
    await run(0, "up", "--yes", ...CELL);
    const back = await run(0, "rollback", "--site", "one.qmoney.de", "--yes");
    // With the build that was made with that setting.
    expect(back.total).toMatchObject({ changed: 2, created: 0, replaced: 0, deleted: 0 });
    estate.writeSites(rows);
    expect((await run(0, "preview", "--refresh", ...CELL)).steps).toEqual([]);
  });

  // Its row is gone, and with it the tag that had put it into this cell.
  it("a deleted site comes back only when the loss is accepted, and says what is lost", async () => {
    estate.writeSites(rows.filter(({ name }) => name !== "two"));
    await run(0, "up", "--yes", ...CELL);
    const site = ["--site", "two.qmoney.de"];
    expect(await run(1, "rollback", ...site, "--yes")).toMatchObject({
      error: { code: "rollback.loss", details: [expect.stringMatching(/^two\.qmoney\.de: its project is gone/)] },
    });
    // Where there are approvers the way back is asked for its loss, and for nothing else: no freeze, count or window stops it.
    const approvers =
      "approvers: [{ name: maria, emails: [maria@example.org], githubId: 1, areas: [general, dns, money, databases] }]\n";
    writeFileSync(join(estate.catalog, "approvers.yaml"), approvers);
    const rules = (loss: string) =>
      writeFileSync(
        join(estate.catalog, "gates.yaml"),
        `rules: { many-sites: { sites: 0 }, loss: { severity: ${loss} } }\nfreezes: [{ from: "2026-01-01", to: "2099-12-31", reason: the fair }]\n`,
      );
    rules("approve");
    const asked = await run(6, "rollback", ...site, "--yes", "--accept-loss");
    expect(asked.error.code).toBe("approval.needed");
    expect(asked.error.details.slice(0, 2)).toEqual([expect.stringMatching(/^loss: .*needs an approval$/), ""]);
    rules("off");
    const back = await run(0, "rollback", ...site, "--yes", "--accept-loss");
    for (const name of ["approvers.yaml", "gates.yaml"]) rmSync(join(estate.catalog, name));
    expect(back.byStack).toMatchObject([{ stack: "prod-cell-canary", counts: { changed: 0, deleted: 0 } }]);
    expect(await live("two")).toBe(GOOD);
    await whole();
    estate.writeSites(rows);
    expect((await run(0, "preview", "--refresh", ...CELL)).steps).toEqual([]);
  });
});
