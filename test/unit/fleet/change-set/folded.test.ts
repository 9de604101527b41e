import fc from "fast-check";
import pc from "picocolors";
import { describe, expect, it } from "vitest";
import {
  buildChangeSet,
  type ChangeSet,
  renderHtml,
  renderMarkdown,
  renderTerminal,
} from "../../../../fleet/change-set/index.ts";
import { folded } from "../../../../fleet/change-set/render/folded.ts";
import { anyTold, event, NEW, oneRelease, PROJECT, release, result, run, setOf, type Told } from "./world.ts";

// What breaks when these fail: a reviewer scrolls through a thousand equal lines and misses the one that differs, or two
// changes that differ are told as one.

const colours = pc.createColors(false);
describe("one release on 1041 sites", () => {
  const set = oneRelease(1041);

  it("fits on one screen, with the channel, the commits, the number and the first names", () => {
    const lines = renderTerminal(set, { colours, full: "changes.html" }).split("\n");
    expect(lines.length).toBeLessThan(24);
    expect(lines[1]).toBe(
      "  ~ update sitefleet Release, channel stable: 3f0c8a1 → 4f0c8a1, 1041 sites in 64 stacks: site-0000.qmoney.de, site-0064.qmoney.de, site-0128.qmoney.de and 1038 more (changes.html)",
    );
  });

  it("is one line in Markdown, and one entry of the page that holds all of them", () => {
    const line = "update sitefleet Release, channel stable: 3f0c8a1 → 4f0c8a1, 1041 sites in 64 stacks";
    const text = renderMarkdown(set);
    expect(text.split(line)).toHaveLength(2);
    expect(text.length).toBeLessThan(6_000);
    const html = renderHtml(set);
    expect(html).toContain(line);
    for (const { urn } of set.changes) expect(html).toContain(urn);
  });

  it("stays complete in the document, and the channel is no part of the digest", () => {
    expect(set.changes).toHaveLength(1041);
    const { channel: _, ...without } = set.changes[0] as ChangeSet["changes"][number];
    expect(without).not.toHaveProperty("channel");
    expect(set.digest).toBe(buildChangeSet(run(...unnamed()), { createdAt: new Date(1) }).digest);
  });

  /** The same run, whose channels nobody names. */
  function unnamed() {
    return set.stacks.map(({ stack }) =>
      result(
        stack,
        set.changes.filter((change) => change.stack === stack).map(({ name }) => event(release(name, NEW, { stack }))),
      ),
    );
  }

  it("does not hide a site that gets something else", () => {
    const other = `5555555${"0".repeat(33)}`;
    const text = renderTerminal(oneRelease(1041, [release("odd.qmoney.de", other)]), { colours });
    expect(text).toContain(
      "~ update sitefleet Release odd.qmoney.de promotes 5555555 in place of 3f0c8a1 prod-cell-00",
    );
  });
});

describe("folding", () => {
  it("loses no change, tells none twice and keeps the order of first appearance (property)", () => {
    fc.assert(
      fc.property(fc.array(anyTold, { maxLength: 40 }), (told) => {
        const { changes } = setOf(...told, ...told, ...told, ...told);
        const entries = folded(changes);
        expect(new Set(entries.flatMap(({ all }) => all))).toEqual(new Set(changes));
        expect(entries.reduce((sum, { all }) => sum + all.length, 0)).toBe(changes.length);
        const first = entries.map(({ change }) => changes.indexOf(change));
        expect(first).toEqual([...first].sort((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });

  it("counts a value that holds the resource's own name as the same on each", () => {
    const told = ["a", "b", "c", "d"].map(
      (name): Told => ({
        op: "update",
        name: `${name}.qmoney.de`,
        old: { url: "" },
        new: { url: `https://${name}.qmoney.de/` },
        diffs: ["url"],
      }),
    );
    expect(folded(setOf(...told).changes)).toHaveLength(1);
    expect(folded(setOf(...told.slice(1)).changes)).toHaveLength(3);
  });

  it.each<[string, Partial<Told>]>([
    ["another value", { new: { a: 3 } }],
    ["another operation", { op: "replace" }],
    ["another type", { type: "vercel:index/other:Other" }],
    ["protection", { op: "replace", protect: true }],
  ])("keeps apart what differs by %s", (_, more) => {
    const same = (name: string): Told => ({
      op: "update",
      type: PROJECT,
      name,
      old: { a: 1 },
      new: { a: 2 },
      diffs: ["a"],
    });
    const entries = folded(setOf(...["a", "b", "c", "d"].map(same), { ...same("odd"), ...more }).changes);
    expect(entries.map(({ all }) => all.length).sort()).toEqual([1, 4]);
  });

  it("still counts by type what does not fit, and names more of what goes away", () => {
    const differing = Array.from(
      { length: 40 },
      (_, i): Told => ({ op: "update", name: `p${i}`, old: { a: 0 }, new: { a: i + 1 }, diffs: ["a"] }),
    );
    const gone = Array.from({ length: 12 }, (_, i): Told => ({ op: "delete", name: `gone-${i}`, old: {} }));
    const text = renderTerminal(setOf(...differing, ...gone), { colours, full: "changes.html" });
    expect(text).toContain("… and 25 vercel Project: changes.html");
    expect(text).toMatch(/- delete vercel Project, 12 resources in 1 stack: (gone-\d+, ){9}gone-\d+ and 2 more/);
  });
});

describe("a service", () => {
  it("says its release in place of two masked documents", () => {
    const told: Told = {
      op: "update",
      type: "command:local:Command",
      name: "crm",
      stack: "prod-plesk",
      old: { stdin: "[secret]" },
      new: { stdin: "[secret]" },
      diffs: ["stdin"],
    };
    const notes = [
      { subject: "crm", level: "info" as const, text: "release f50130f -> 1964c06: new, 1 changed\n  ~ a.php" },
    ];
    const set = buildChangeSet(run(result("prod-plesk", [event(told)], { notes })), { createdAt: new Date(0) });
    for (const text of [renderTerminal(set, { colours }), renderMarkdown(set)]) {
      expect(text).toMatch(/command Command crm: release f50130f -> 1964c06: new, 1 changed/);
      expect(text).not.toContain("stdin");
    }
    expect(renderHtml(set)).toContain("release f50130f -&gt; 1964c06: new, 1 changed</span>");
    expect(set.changes[0]?.diffs).toHaveLength(1);
  });
});
