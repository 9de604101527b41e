import fc from "fast-check";
import pc from "picocolors";
import { describe, expect, it } from "vitest";
import {
  buildChangeSet,
  type ChangeSet,
  changeSetJson,
  renderHtml,
  renderMarkdown,
  renderTerminal,
} from "../../../../fleet/change-set/index.ts";
import { MARKDOWN_LIMIT } from "../../../../fleet/change-set/render/markdown.ts";
import { headline } from "../../../../fleet/change-set/render/words.ts";
import { anyTold, DOMAIN, event, masked, PROJECT, result, run, setOf, type Told } from "./world.ts";

// What breaks when these fail: a comment that GitHub refuses, a summary that misses something, a secret that is read, or a
// name that writes into the page.

const colours = pc.createColors(false);
const createdAt = new Date(0);
const forms = (set: ChangeSet) => [
  changeSetJson(set),
  renderHtml(set),
  renderMarkdown(set),
  renderTerminal(set, { colours }),
];

/** So many sites, all new, spread over cells. */
function fleet(sites: number, more: readonly Told[] = []): ChangeSet {
  const cells = Array.from({ length: 64 }, (_, cell) => `prod-cell-${String(cell).padStart(2, "0")}`);
  const results = cells.map((stack, cell) => {
    const events = Array.from(
      { length: Math.ceil((sites - cell) / 64) },
      (_, i) => `site-${cell}-${i}.qmoney.de`,
    ).flatMap((name) =>
      [PROJECT, DOMAIN].map((type) => event({ op: "create", type, name, stack, new: { name, framework: "nextjs" } })),
    );
    return result(stack, events);
  });
  return buildChangeSet(
    run(
      ...results,
      result(
        "prod",
        more.map((told) => event({ ...told, stack: "prod" })),
      ),
    ),
    { createdAt },
  );
}

describe("Markdown", () => {
  it("stays under the limit with the whole summary, for any change set (property)", () => {
    fc.assert(
      fc.property(
        fc.array(anyTold, { maxLength: 30 }),
        fc.nat({ max: 300 }),
        fc.array(fc.string({ maxLength: 3000, unit: "binary" }), { maxLength: 40 }),
        fc.string({ maxLength: 2000, unit: "binary" }),
        (told, stacks, messages, full) => {
          const results = [
            result("prod", told.map(event), { warnings: messages }),
            ...Array.from({ length: stacks }, (_, i) =>
              result(
                `stack-${"x".repeat(i % 90)}-${i}`,
                told.map(event),
                i % 3 === 0 ? { ok: false, errors: messages } : {},
              ),
            ),
          ];
          const set = buildChangeSet(run(...results), { createdAt, target: full });
          const text = renderMarkdown(set, { full });
          expect(text.length).toBeLessThanOrEqual(MARKDOWN_LIMIT);
          expect(text).toContain(headline(set));
          expect(text).toContain(set.digest);
          for (const { group, changes } of set.groups) expect(text, group).toContain(` | ${changes} |`);
          expect(text.match(/<details/g)?.length ?? 0).toBe(text.match(/<\/details>/g)?.length ?? 0);
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  it("shows every delete of a large set, counts what it leaves out and says where that is", () => {
    const deletes = Array.from({ length: 40 }, (_, i): Told => ({ op: "delete", name: `gone-${i}`, old: {} }));
    const text = renderMarkdown(fleet(5000, deletes), { full: "https://ci.example/changes.html" });
    expect(text.length).toBeLessThanOrEqual(MARKDOWN_LIMIT);
    for (const { name } of deletes) expect(text).toContain(`${name} `);
    expect(text).toContain("create vercel Project, 5000 resources in 64 stacks: site-0-0.qmoney.de");
    expect(text).toContain("and 4997 more");
    expect(text).toContain("<https://ci.example/changes.html>");
    expect(text).toContain("By stack (65)");
  });

  it("is not steered by names and values", () => {
    const name = "x```\n</details># @everyone | <img src=x onerror=alert(1)>";
    const text = renderMarkdown(
      setOf({ op: "update", name, old: { a: 1 }, new: { a: "````````````````\n# big" }, diffs: ["a"] }),
    );
    const fences = text.split("\n").filter((line) => /^`{3,}/.test(line));
    expect(fences.every((line) => /^`+(diff)?$/.test(line))).toBe(true);
    expect(text).not.toMatch(/^(# |<img|<\/details>#)/m);
  });
});

describe("secrets", () => {
  it("stand in no form, whatever was masked on either side (property)", () => {
    const sentinel = "hunter2-sentinel";
    fc.assert(
      fc.property(
        fc.constantFrom("a", "env", "value", "odd.key"),
        fc.boolean(),
        fc.boolean(),
        (key, before, nested) => {
          const wrap = (value: unknown) => (nested ? { list: [{ [key]: value, open: 1 }] } : { [key]: value });
          const [old, next] = before ? [wrap(masked), wrap(sentinel)] : [wrap(sentinel), wrap(masked)];
          const set = setOf({ op: "update", name: "x", old, new: next, diffs: nested ? ["list"] : [`["${key}"]`] });
          expect(set.changes[0]?.diffs[0]?.new).toContain("[secret]");
          for (const text of forms(set)) expect(text).not.toContain(sentinel);
        },
      ),
    );
  });
});

describe("the page", () => {
  const set = fleet(3, [
    { op: "delete", name: "<script>alert(1)</script>", old: { a: '"><img src=x>' }, protect: true },
    { op: "update", name: "both", old: { a: "<b>" }, new: { a: "&amp;" }, diffs: ["a"] },
  ]);
  const html = renderHtml(set);

  it("holds every change and loads nothing", () => {
    for (const { name } of set.changes.slice(1)) expect(html).toContain(name);
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<(script|link|img|iframe)|url\(|<[^>]* src=|href="(?!#)/);
  });

  it("shows names and values as text", () => {
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).toContain("&amp;amp;");
  });

  it("has a language, a title, one first heading, heads of tables and light and dark", () => {
    expect(html).toMatch(/<html lang="en">/);
    expect(html).toMatch(/<title>[^<]+<\/title>/);
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(html).toMatch(/<th scope="col"/);
    expect(html).toContain("color-scheme: light dark");
  });
});

describe("the terminal", () => {
  it("is short for any fleet, worst first, figures last, and colourless without a terminal", () => {
    const text = renderTerminal(fleet(5000, [{ op: "delete", name: "gone", old: {} }]), {
      colours,
      full: "changes.html",
    });
    expect(text.split("\n").length).toBeLessThan(60);
    expect(text.split("\n")[0]).toBe("Deletes (1)");
    expect(text).toMatch(
      /\+ create vercel Project, 5000 resources in 64 stacks: site-0-0\.qmoney\.de, .* and 4997 more \(changes\.html\)/,
    );
    expect(text).toContain("10000 to create, 0 to change, 0 to replace, 1 to delete");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control characters
    expect(text).not.toMatch(/\u001b/);
  });

  it("is not steered by names and values", () => {
    const text = renderTerminal(setOf({ op: "delete", name: "x\u001b[2Jy\u202e\r", old: {} }), { colours });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control characters
    expect(text).not.toMatch(/[\u001b\r\u202e]/);
  });

  it("says so when it is not the whole picture", () => {
    const failed = result("prod", [], { ok: false, errors: ["no network"] });
    const text = renderTerminal(buildChangeSet(run(failed), { createdAt }), { colours });
    expect(text).toContain("failed: prod\n  no network");
    expect(text).toContain("not the whole picture");
  });
});

// What breaks when these fail: a reviewer of the change set does not see what a deployment would do to the files on a host.
describe("what services say of their hosts", () => {
  const nasty = "release a -> b\n  ~ <img src=x>.html\n  - ```\u202e.txt";
  const notes = [
    { subject: "docs", level: "info", text: nasty },
    { subject: "crm", level: "warning", text: "serves a, not b" },
  ] as const;
  const set = (more: object) =>
    buildChangeSet(
      run(result("prod-plesk", [event({ op: "update", name: "docs", old: { a: 1 }, new: { a: 2 } })], more)),
      {
        createdAt: new Date(0),
      },
    );

  it("stands in every form, and nothing of it is markup", () => {
    const shown = set({ notes });
    const [terminal, markdown, html] = [
      renderTerminal(shown, { colours: pc.createColors(false) }),
      renderMarkdown(shown),
      renderHtml(shown),
    ];
    for (const text of [terminal, markdown]) {
      expect(text).toContain("! crm: serves a, not b");
      expect(text).toContain("docs: release a -> b");
    }
    expect(html).toContain("docs");
    expect(html).not.toContain("<img");
    for (const text of [terminal, markdown, html]) expect(text).not.toContain("\u202e");
    expect(readBack(shown).notes?.map(({ subject }) => subject)).toEqual(["crm", "docs"]);
  });

  it("is no part of the digest: the hosts may look different a minute later", () => {
    expect(set({ notes }).digest).toBe(set({}).digest);
  });

  const readBack = (shown: ChangeSet) => JSON.parse(changeSetJson(shown)) as ChangeSet;
});
