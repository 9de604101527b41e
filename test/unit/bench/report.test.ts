import { describe, expect, it } from "vitest";
import { callsByType } from "../../../bench/cases/d-calls.ts";
import { readOptions } from "../../../bench/options.ts";
import { BEGIN, END, renderResults, replaceBetween, table } from "../../../bench/report/markdown.ts";
import { panelsOf } from "../../../bench/report/panels.ts";
import { type Panel, renderChart, spreadOut } from "../../../bench/report/svg.ts";
import { RESULTS_DIR, readResults, resultsText } from "../../../bench/report/write.ts";
import { textOf } from "../docs/markdown.ts";

// What breaks when these fail: the chart or the page cannot be read, or shows other figures than were measured.

const bars = (...values: number[]): Panel => ({
  kind: "bars",
  title: "First up <of> 300 & more",
  unit: "s",
  bars: values.map((value, index) => ({ label: `variant ${index}`, value })),
});

describe("chart", () => {
  it("has a title for those who cannot see it, escapes what it shows, and holds no NaN", () => {
    const lines: Panel = {
      kind: "lines",
      title: "Growth",
      unit: "s",
      lines: [
        { label: "flat", points: [300, 1500, 5000].map((size) => ({ size, value: 2 })) },
        { label: "nothing", points: [{ size: 300, value: 0 }] },
      ],
    };
    const svg = renderChart('a "title"', [bars(142.5, 20), bars(0, 0), lines, { ...lines, lines: [] }]);
    expect(svg).toContain("<title>a &quot;title&quot;</title>");
    expect(svg).toContain("First up &lt;of&gt; 300 &amp; more (s)");
    expect(svg).toContain("142.5 s");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(svg.match(/<g /g)).toHaveLength(svg.match(/<\/g>/g)?.length ?? 0);
  });

  it("refuses a value that is no number instead of drawing it somewhere", () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      expect(() => renderChart("chart", [bars(value)])).toThrow(RangeError);
    }
  });

  it("keeps names that would lie on each other apart, in their order", () => {
    expect(spreadOut([100, 101, 40], 13)).toEqual([100, 113, 40]);
  });
});

describe("tables", () => {
  it("escape what would end a cell", () => {
    expect(table(["a", "b"], [["x|y", 1]])).toBe("| a | b |\n| --- | --- |\n| x\\|y | 1 |");
  });

  it("stand between the markers and leave the rest of the page alone", () => {
    const page = `before\n${BEGIN}\n\nold\n\n${END}\nafter\n`;
    const once = replaceBetween(page, "new");
    expect(once).toBe(`before\n${BEGIN}\n\nnew\n\n${END}\nafter\n`);
    expect(replaceBetween(once, "new")).toBe(once);
    expect(() => replaceBetween("no markers", "new")).toThrow("lacks");
  });

  it("of the documentation and the chart are those of the committed results", () => {
    const results = readResults(RESULTS_DIR);
    const page = textOf("docs/performance.md");
    expect(replaceBetween(page, renderResults(results))).toBe(page);
    expect(renderChart("sitefleet: what operations cost", panelsOf(results))).toBe(textOf("bench/results/chart.svg"));
  });
});

describe("calls", () => {
  const created = (type: string, count: number) => ({ type, counts: { created: count, changed: 0 } });
  const route = (method: string, path: string, count: number) => ({
    vendor: "vercel",
    method,
    route: path,
    count,
    ok: count,
  });

  it("are counted to the type that made them, a project's second write too", () => {
    const byType = [created("vercel:index/project:Project", 3), created("sitefleet:vercel:Site", 3)];
    const routes = [
      route("POST", "/v8/projects", 3),
      route("PATCH", "/v9/projects/:project", 3),
      route("GET", "/v8/projects/:project/env", 3),
    ];
    expect(callsByType({ byType }, { routes })).toEqual([expect.objectContaining({ created: 3, writes: 6, least: 3 })]);
  });

  it("of a type that nobody has counted yet are an error, not a nothing", () => {
    expect(() => callsByType({ byType: [created("vercel:index/alias:Alias", 1)] }, { routes: [] })).toThrow("Alias");
  });
});

describe("options", () => {
  it("choose parts and sizes, and refuse what is neither", () => {
    expect(readOptions(["--only", "a,c", "--sites", "46"])).toMatchObject({
      parts: ["a", "c"],
      sizes: { sites: 46, cells: 2 },
    });
    expect(readOptions([])).toMatchObject({ sizes: { sites: 300, cells: 13, growth: [300, 1500, 5000] } });
    expect(readOptions(["--growth", "50,20"]).sizes.growth).toEqual([20, 50]);
    expect(readOptions(["--rollback", "12,1"]).sizes.rollback).toEqual([1, 12]);
    expect(readOptions([]).sizes.rollback).toEqual([1, 100, 1500]);
    expect(() => readOptions(["--only", "z"])).toThrow(RangeError);
    expect(() => readOptions(["--sites", "many"])).toThrow(RangeError);
    expect(() => readOptions(["--rollback", "0,100"])).toThrow(RangeError);
  });
});

describe("the file of results", () => {
  it("has a line a row, and loses nothing", () => {
    const results = readResults(RESULTS_DIR);
    const text = resultsText(results);
    expect(JSON.parse(text)).toEqual(results);
    const parts = Object.values(results.parts);
    const rows = parts.reduce((sum, { rows }) => sum + rows.length, 0);
    expect(text.trimEnd().split("\n")).toHaveLength(2 + rows + 2 * parts.length);
  });
});
