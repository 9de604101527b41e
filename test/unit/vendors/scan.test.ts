import { describe, expect, it } from "vitest";
import { scan as dnsScan, recordSeen } from "../../../vendors/cloudflare/scan.ts";
import { nextPage, type ScanTask } from "../../../vendors/inventory.ts";
import { isSpelling } from "../../../vendors/noise.ts";
import { projectSeen, scan } from "../../../vendors/vercel/scan.ts";

// What breaks when these fail: a scan misses objects without a word, or reads a secret's value.

const client = (answers: Readonly<Record<string, unknown>>) => ({ get: async (path: string) => answers[path] });
const first = (scanner: typeof scan): ScanTask =>
  scanner.begin({
    env: {},
    settings: {},
    secrets: { repository: "acme/web", environment: "production" },
  })[0] as ScanTask;

describe("projects", () => {
  it("that no catalog can declare say why, and what they serve is known by its commit where there is one", () => {
    const [project, release] = projectSeen({
      id: "prj_1",
      name: "shop",
      link: { type: "gitlab", projectNamespace: "acme", projectUrl: "https://gitlab.com/acme/shop.git" },
      targets: { production: { id: "dpl_1", meta: { gitlabCommitSha: "abc" } } },
    });
    expect(project?.unsupported).toContain("gitlab");
    expect(release).toMatchObject({ role: "release", id: "dpl_1", of: "prj_1", facts: { commit: "abc" } });
  });

  it("are read to the last page, and names of variables without their values", async () => {
    const answer = { projects: [{ id: "prj_1", name: "shop" }], pagination: { next: 123 } };
    const page = await scan.read(first(scan), client({ "/v9/projects": answer }));
    expect(page.next.map(({ what, args }) => `${what} ${args.until ?? args.project}`)).toEqual([
      "projects 123",
      "domains prj_1",
      "variables prj_1",
    ]);
    const task = page.next[2] as ScanTask;
    const secret = { envs: [{ id: "e1", key: "TOKEN", value: "hunter2" }] };
    const read = await scan.read(task, client({ "/v9/projects/prj_1/env": secret }));
    expect(JSON.stringify(read)).toContain("TOKEN");
    expect(JSON.stringify(read)).not.toContain("hunter2");
  });

  it("are never none because an answer was something else", async () => {
    await expect(scan.read(first(scan), client({ "/v9/projects": { error: {} } }))).rejects.toMatchObject({
      code: "adopt.answer",
    });
    await expect(scan.read(first(scan), client({}))).rejects.toMatchObject({ code: "adopt.answer" });
  });
});

describe("records", () => {
  it("are as the catalog writes them", () => {
    const text = recordSeen(
      { id: "r1", name: "Example.org", type: "TXT", content: '"v=DKIM1; " "p=abc"', ttl: 1 },
      "z1",
    );
    expect(text).toMatchObject({ name: "example.org", facts: { content: "v=DKIM1; p=abc", proxied: false } });
    expect(recordSeen({ id: "r2", name: "_sip._tcp.example.org", type: "SRV" }, "z1").unsupported).toContain("SRV");
  });

  it("of a list that changes while it is read are read from its beginning", async () => {
    const task: ScanTask = { vendor: "dns", what: "records", args: { zone: "z1", page: "2", total: "7000" } };
    expect(nextPage(task, 6999, 5000)).toEqual([{ ...task, args: { zone: "z1", again: "1" } }]);
    expect(nextPage({ ...task, args: { zone: "z1" } }, 7000, 5000)[0]?.args).toMatchObject({
      page: "2",
      total: "7000",
    });
    expect(nextPage(task, 7000, 5000)).toEqual([]);
    expect(() => nextPage({ ...task, args: { ...task.args, again: "5" } }, 1, 5000)).toThrow(/changed 6 times/);
    const page = await dnsScan.read(
      first(dnsScan),
      client({ "/zones": { result: [{ id: "z1", name: "example.org" }] } }),
    );
    expect(page.next.map(({ what }) => what)).toEqual(["records", "settings"]);
  });
});

it("a spelling is one only by the rules that are named", () => {
  expect(isSpelling(["case"], "A.org", "a.org")).toBe(true);
  expect(isSpelling(["final-dot"], "A.org.", "a.org")).toBe(false);
  expect(isSpelling(["number-text"], "14400", 14400)).toBe(true);
  expect(isSpelling(["on-off"], "on", true)).toBe(true);
  expect(isSpelling(["empty"], "", null)).toBe(true);
  expect(isSpelling(["empty"], "", 0)).toBe(false);
  expect(isSpelling(["order"], ["b", "a"], ["a", "b"])).toBe(true);
});
