import { describe, expect, it } from "vitest";
import { kindOf } from "../../../fleet/repair/kind.ts";
import { declaredContent, judgeRecords, judgeZones } from "../../../vendors/cloudflare/live.ts";
import { candidates, judgeProject, repositoryOf } from "../../../vendors/vercel/live.ts";

// How an object at a vendor is told to be ours. What breaks when these fail: somebody else's object is taken over, or our
// own is left behind.

describe("a project of the declared name", () => {
  const inputs = { name: "shop", gitRepository: { type: "github", repo: "Acme/Sites" } };
  it.each([
    ["is linked to the declared repository", { type: "github", org: "acme", repo: "sites" }, true],
    ["is linked to another repository", { type: "github", org: "acme", repo: "landing" }, false],
    ["is linked to none", undefined, false],
  ])("that %s", (_, link, ours) => {
    expect(judgeProject({ name: "shop", link }, inputs)).toMatchObject({ ours });
  });

  it("names what it is linked to instead", () => {
    const { why } = judgeProject({ name: "shop", link: { type: "github", org: "other", repo: "x" } }, inputs);
    expect(why).toBe("is a project named shop that is linked to other/x, not to Acme/Sites");
  });

  it.each([
    [{ type: "github", repo: "a/b" }, "a/b"],
    [{ type: "gitlab", projectNamespace: "a", projectUrl: "https://gitlab.com/a/b.git" }, "a/b"],
    [{ type: "bitbucket", owner: "a", slug: "b" }, "a/b"],
  ])("is read from every kind of link: %j", (link, repository) => {
    expect(repositoryOf(link)).toBe(repository);
  });
});

describe("deployments of a commit", () => {
  const made = (uid: string, sha: string, readyState = "READY") => ({
    uid,
    readyState,
    meta: { githubCommitSha: sha },
  });
  const uids = (...deployments: ReturnType<typeof made>[]) => candidates(deployments, "aaa").map(({ uid }) => uid);

  it("are those at the top, failed builds of others aside", () => {
    expect(uids(made("3", "bbb", "ERROR"), made("2", "aaa"), made("1", "aaa"))).toEqual(["2", "1"]);
  });

  it("are not those of an earlier release that another commit has followed", () => {
    expect(uids(made("2", "bbb"), made("1", "aaa"))).toEqual([]);
    expect(uids(made("2", "bbb", "BUILDING"), made("1", "aaa"))).toEqual([]);
  });
});

describe("records at the declared name", () => {
  const inputs = (type: string, content: string, more = {}) => ({
    zoneId: "z",
    name: "x.example",
    type,
    content,
    ...more,
  });
  const record = (type: string, content: string, more = {}) => ({ id: "r", name: "x.example", type, content, ...more });
  it.each([
    ["the same CNAME in another spelling", inputs("CNAME", "A.example."), record("CNAME", "a.example"), [true]],
    ["another CNAME", inputs("CNAME", "a.example"), record("CNAME", "b.example"), [false]],
    ["an address where a CNAME is wanted", inputs("CNAME", "a.example"), record("A", "192.0.2.1"), [false]],
    ["another address: a name may have several", inputs("A", "192.0.2.1"), record("A", "192.0.2.2"), []],
    ["another text", inputs("TXT", "a"), record("TXT", "b"), []],
    ["the same text, quoted", inputs("TXT", "v=spf1"), record("TXT", '"v=spf1"'), [true]],
    [
      "the same mail server, another priority",
      inputs("MX", "m", { priority: 10 }),
      record("MX", "m", { priority: 20 }),
      [],
    ],
  ])("%s", (_, wanted, live, ours) => {
    const found = judgeRecords([live], wanted, "z");
    expect(found.map((item) => item.ours)).toEqual(ours);
    for (const { importId } of found) expect(importId).toBe("z/r");
  });

  it("are compared by their parts where they are declared in parts", () => {
    expect(declaredContent({ data: { flags: 0, tag: "issue", value: "letsencrypt.org" } })).toBe(
      '0 issue "letsencrypt.org"',
    );
  });
});

describe("zones of the declared name", () => {
  const inputs = { name: "a.example", account: { id: "ours" } };
  const zone = (id: string, account: string) => ({ id, name: "a.example", account: { id: account } });

  it("are ours in the declared account", () => {
    expect(judgeZones([zone("1", "theirs"), zone("2", "ours")], inputs)).toMatchObject([{ id: "2", ours: true }]);
  });

  it("are not ours in another", () => {
    expect(judgeZones([zone("1", "theirs")], inputs)).toMatchObject([{ id: "1", ours: false }]);
  });
});

it.each([
  ["vercel:index/project:Project", "look-up"],
  ["vercel:index/deployment:Deployment", "look-up"],
  ["sitefleet:vercel:Release", "repeat"],
  ["cloudflare:index/dnsRecord:DnsRecord", "look-up"],
  ["cloudflare:index/zoneSetting:ZoneSetting", "repeat"],
  ["github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret", "repeat"],
  ["random:index/randomBytes:RandomBytes", "repeat"],
  ["command:local:Command", "repeat"],
  ["vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable", "unknown"],
])("resolves %s by %s", (type, policy) => {
  expect(kindOf({ type, custom: true }).policy).toBe(policy);
});

it("needs nothing for a component", () => {
  expect(kindOf({ type: "anything:at:All", custom: false }).policy).toBe("repeat");
});
