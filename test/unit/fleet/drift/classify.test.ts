import { describe, expect, it } from "vitest";
import { classify } from "../../../../fleet/drift/classify.ts";
import type { Step } from "../../../../fleet/engine/outcome.ts";

// What breaks when these fail: a change by hand is passed over, or a spelling is reported as one.

const RECORD = "cloudflare:index/dnsRecord:DnsRecord";
const step = (given: Partial<Step> & Pick<Step, "type" | "name">): Step => ({
  op: "update",
  urn: `urn:pulumi:prod::sitefleet::sitefleet:cloudflare:WildcardZone$${given.type}::${given.name}`,
  diffs: [],
  cause: "drift",
  ...given,
});
const of = (...steps: Step[]) => classify([{ stack: "prod", steps }]);
const diff = (path: string, old: unknown, next: unknown) => ({
  path,
  kind: "update",
  old: JSON.stringify(old),
  new: JSON.stringify(next),
});

describe("what differs", () => {
  it("is a declared change, drift, both, or an object that nothing knows", () => {
    const found = classify(
      [
        {
          stack: "prod",
          steps: [
            step({ type: RECORD, name: "a.example.org/target", cause: "code", diffs: [diff("content", "1", "2")] }),
            step({ type: RECORD, name: "b.example.org/target", diffs: [diff("ttl", 300, 1)] }),
            step({ type: RECORD, name: "c.example.org/target", cause: "both", diffs: [diff("ttl", 300, 1)] }),
            step({ type: "sitefleet:vercel:Site", name: "d.example.org", component: true }),
          ],
        },
      ],
      [{ vendor: "cloudflare", role: "record", id: "r9", name: "e.example.org", facts: {} }],
    );
    expect(found.map((one) => `${one.class} ${one.role} ${one.name}`)).toEqual([
      "declared record a.example.org/target",
      "drift record b.example.org/target",
      "both record c.example.org/target",
      "unknown record e.example.org",
    ]);
    expect(found[1]?.revert).toBe("an update sets ttl to 1");
  });

  it("is noise where it is a spelling of one value, and only then", () => {
    const one = (name: string, old: unknown, next: unknown) =>
      of(step({ type: RECORD, name, diffs: [diff("content", old, next)] }));
    expect(one("a.example.org/target", "CNAME.Vercel-DNS.com.", "cname.vercel-dns.com")[0]).toMatchObject({
      class: "noise",
    });
    expect(one("a.example.org/TXT/v=spf1 -all", '"v=spf1 -all"', "v=spf1 -all")[0]).toMatchObject({ class: "noise" });
    // A text tells upper from lower case: it may be a token.
    expect(one("a.example.org/TXT/Token=ABC", "token=abc", "Token=ABC")[0]).toMatchObject({ class: "drift" });
  });

  it("of which a part is noise is told without that part", () => {
    const found = of(
      step({
        type: RECORD,
        name: "a.example.org/target",
        diffs: [diff("comment", "", null), diff("proxied", true, false)],
      }),
    );
    expect(found.map((one) => [one.class, one.diffs.map(({ path }) => path)])).toEqual([
      ["noise", ["comment"]],
      ["drift", ["proxied"]],
    ]);
  });

  it("names who is known to have done it, by id or name, newest first", () => {
    const happened = [
      { at: "2026-11-29T10:00:00Z", who: "eve@example.org", what: "record updated", about: ["r1"] },
      { at: "2026-11-28T10:00:00Z", who: "bob@example.org", what: "record updated", about: ["r2"] },
    ];
    const steps = [step({ type: RECORD, name: "a.example.org/target", id: "r1", diffs: [diff("ttl", 300, 1)] })];
    const [found] = classify([{ stack: "prod", steps }], [], new Map([["cloudflare", happened]]));
    expect(found?.who.map(({ who }) => who)).toEqual(["eve@example.org"]);
  });
});
