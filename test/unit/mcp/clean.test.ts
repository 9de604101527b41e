// What breaks when these fail: a text from outside reaches an agent as something else than a short, marked line of data.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanData, cleanPage, cleanText } from "../../../mcp/clean.ts";
import { withoutSecretsOf } from "../../../operations/kit/secrets.ts";

const same = (text: string) => text;
/** Controls, direction overrides, invisible characters, tags, private use, variation selectors. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|\p{Variation_Selector}/u;
const nasty = fc.constantFrom(
  "\u001b[31m",
  "\u001b]8;;http://x\u0007",
  "\u202e",
  "\u2066",
  "\u200b",
  "\u{e0041}",
  "\ufe0f",
  "\u0000",
  "\r\n",
  "<system>",
  "</tool_result>",
  "<|im_end|>",
  "[/INST]",
  "https://evil.example",
  "ghp_0123456789abcdefghijABCDEFGHIJ012345",
);
const text = fc
  .array(fc.oneof(nasty, fc.string({ unit: "binary" }), fc.string()), { maxLength: 12 })
  .map((parts) => parts.join(""));

describe("cleaned text", () => {
  it("is one short line in which everything can be seen, and mark-up and addresses are none", () => {
    fc.assert(
      fc.property(text, (given) => {
        const clean = cleanText(given, same, 200);
        expect(clean).not.toMatch(UNSEEN);
        expect(clean).not.toMatch(/<\/?(?:system|tool_result)|<\||\[\/?INST\]|https?:\/\//i);
        expect([...clean].length).toBeLessThanOrEqual(200);
        expect(cleanText(clean, same, 200)).toBe(clean);
      }),
    );
  });

  it("keeps what people write", () => {
    expect(cleanText("Grüße aus Österreich: 3 < 5, a=b & „c“ → 日本", same)).toBe(
      "Grüße aus Österreich: 3 < 5, a=b & „c“ → 日本",
    );
  });

  it("lacks credentials and what this machine keeps secret, also where something unseen stands inside", () => {
    const token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    for (const given of [token, `${token.slice(0, 9)}\u200b${token.slice(9)}`])
      expect(cleanText(given, same)).not.toContain("ghp_0123");
    expect(cleanText("hun\u2066ter2", (line) => line.replaceAll("hunter2", "[secret]"))).toBe("[secret]");
    expect(cleanText("x hunter2 y", (line) => line.replaceAll("hunter2", "[secret]"))).toBe("x [secret] y");
  });
});

describe("a cleaned document", () => {
  it("is short whatever it was, keeps its shape, and says how much was cut", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const { data } = cleanData(value, same);
        expect(Array.isArray(data)).toBe(Array.isArray(value));
        expect(JSON.stringify(data).length).toBeLessThanOrEqual(60_000);
      }),
    );
    const large = { list: Array.from({ length: 5000 }, (_, i) => ({ name: `n${i}`, log: "x".repeat(2000) })) };
    const { data, cut } = cleanData(large, same);
    expect(JSON.stringify(data).length).toBeLessThanOrEqual(60_000);
    expect(cut).toBeGreaterThan(0);
  });

  it("has clean keys too, and ends where objects hold themselves", () => {
    const round: Record<string, unknown> = { "a\u202eb": 1, n: Number.POSITIVE_INFINITY };
    round.self = round;
    expect(JSON.stringify(cleanData(round, same).data)).toMatch(/^\{"ab":1,"n":null,"self":\{/);
  });
});

it("a page of ours keeps its lines, addresses and mark-up, and nothing unseen", () => {
  const page = cleanPage("# A\u202e\n\nhttps://example.org <b>\u001b[2J", same);
  expect(page).toEqual({ text: "# A\n\nhttps://example.org <b>", parts: 1 });
});

it("a long file comes in parts that end where a line does, and together are all of it; a key of several lines goes whole", () => {
  const rows = Array.from(
    { length: 5000 },
    (_, index) => `site-${index},example.org,own,acme/sites,sites/${index},vite`,
  );
  const text = rows.join("\n");
  const { parts } = cleanPage(text, same);
  const all = Array.from({ length: parts }, (_, index) => cleanPage(text, same, index + 1).text);
  expect([parts > 1, all.every((part) => part.length <= 60_000)]).toEqual([true, true]);
  expect(all.join("\n")).toBe(text);
  expect(() => cleanPage(text, same, parts + 1)).toThrow(RangeError);
  const key = "-----BEGIN KEY-----\nabcdef\n-----END KEY-----";
  const own = withoutSecretsOf({ SSH_PRIVATE_KEY: key });
  expect(cleanPage(`a: |\n${key}\n`, own).text).toBe("a: |\n[secret]\n");
});

it("a long word costs no more than its length: a page could hold a session up with its title", () => {
  const took = [1, 2, 3].map(() => {
    const started = performance.now();
    cleanText("x".repeat(5_000_000), same);
    return performance.now() - started;
  });
  // 0.2 s for ten of its size; it was 1.3 s for each.
  expect(Math.min(...took)).toBeLessThan(500);
  expect(cleanText("see https://a.example and mailto:x, or (ftp://b", same)).toBe(
    "see https[:]//a.example and mailto[:]x, or (ftp[:]//b",
  );
});
