import { describe, expect, it } from "vitest";
import { affectedByPush } from "../../../../../fleet/budget/strategy/affected.ts";
import { chooseStrategy } from "../../../../../fleet/budget/strategy/choose.ts";
import type { Site } from "../../../../../model/index.ts";

// What breaks: a push rebuilds sites that it did not touch, or an urgent site waits behind 1500 others.

const site = (name: string, rootDirectory: string, repository = "acme/sites"): Site => ({
  name,
  zone: "qmoney.de",
  host: `${name}.qmoney.de`,
  project: "own",
  repository,
  rootDirectory,
  framework: null,
  channel: "stable",
  tags: [],
  cell: "00",
  line: 1,
});
const sites = [site("a", "sites/a"), site("ab", "sites/ab"), site("other", "", "acme/other"), site("c", "sites/a")];

describe("a push", () => {
  const push = (files: string[], repository = "acme/sites") => affectedByPush(sites, { repository, files });

  it("touches the sites whose directory holds a changed file, not those whose name begins alike", () => {
    expect(push(["sites/a/index.ts"])).toEqual({ hosts: ["a.qmoney.de", "c.qmoney.de"], shared: [] });
    expect(push(["sites/ab/x", "sites/ab/y"]).hosts).toEqual(["ab.qmoney.de"]);
  });

  it("to shared code touches every site of its repository and says so", () => {
    expect(push(["packages/ui/button.ts", "sites/a/x"])).toEqual({
      hosts: ["a.qmoney.de", "ab.qmoney.de", "c.qmoney.de"],
      shared: ["packages/ui/button.ts"],
    });
    expect(affectedByPush(sites, { repository: "acme/sites", files: ["README.md"] }, false).hosts).toEqual([]);
  });

  it("to a repository that is one site touches it whatever changed; to an unknown one nothing", () => {
    expect(push(["README.md"], "Acme/Other").hosts).toEqual(["other.qmoney.de"]);
    expect(push(["x"], "acme/unknown")).toEqual({ hosts: [], shared: [] });
    expect(push([])).toEqual({ hosts: [], shared: [] });
  });
});

describe("the strategy", () => {
  const hosts = (n: number) => Array.from({ length: n }, (_, i) => `s${i}.qmoney.de`);

  it("is direct for a few sites, at once", () => {
    const chosen = chooseStrategy({ hosts: hosts(5), stacks: ["prod-cell-01"], live: 5 }, sites);
    expect(chosen).toMatchObject({ kind: "direct", quietHours: false });
    expect(chosen.reason).toBe("5 sites changed, no more than 5: done at once");
  });

  it("is batch for more, or when a limit has to be waited for; in quiet hours only when it touches what is live", () => {
    expect(chooseStrategy({ hosts: hosts(6), stacks: ["x"], live: 6 }, sites)).toMatchObject({
      kind: "batch",
      quietHours: true,
    });
    expect(chooseStrategy({ hosts: hosts(6), stacks: ["x"] }, sites)).toMatchObject({
      kind: "batch",
      quietHours: false,
    });
    expect(chooseStrategy({ hosts: hosts(1), stacks: ["x"], waits: true }, sites).reason).toContain(
      "has to be waited for",
    );
  });

  it("is urgent when sites are named: their stacks first, with the reason", () => {
    const stacks = ["prod-cell-01", "prod-cell-02", "prod-cell-03"];
    const chosen = chooseStrategy({ hosts: hosts(600), stacks, urgent: ["a.qmoney.de"], live: 9 }, sites);
    expect(chosen).toMatchObject({ kind: "urgent", quietHours: false });
    expect(chosen.first).toHaveLength(1);
    expect(chosen.reason).toBe("a.qmoney.de was named as urgent: 1 stack first, then 2 others");
  });
});
