import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { withChannels, withSites, withZones } from "../../../../operations/adopt/write.ts";
import { withColumn } from "../../../../operations/drift/write.ts";

// What breaks when these fail: a row lands in the wrong column, or a comment or a declared row is lost.

describe("rows of sites.csv", () => {
  const row = {
    name: "shop",
    zone: "example.org",
    project: "own",
    repository: "acme/sites",
    root_directory: "",
    framework: "",
    channel: "stable",
    tags: "",
  } as const;

  it("are added at the end, in the file's own order of columns", () => {
    const text =
      "# ours\nzone,name,project,repository,root_directory,framework,channel,tags\nexample.org,a,own,acme/a,,,stable,";
    expect(withSites(text, [row]).split("\n").slice(2)).toEqual([
      "example.org,a,own,acme/a,,,stable,",
      "example.org,shop,own,acme/sites,,,stable,",
      "",
    ]);
  });

  it("are changed in one column only, and not where a line cannot be read by commas", () => {
    const head = "name,zone,framework";
    expect(withColumn(head, "a,example.org,astro", "framework", "vite")).toBe("a,example.org,vite");
    expect(withColumn(head, 'a,"example.org",astro', "framework", "vite")).toBeUndefined();
    expect(withColumn(head, "a,example.org,astro", "nothing", "vite")).toBeUndefined();
  });
});

describe("the YAML files", () => {
  it("keep their comments and entries", () => {
    const text =
      "# all zones\nzones:\n  # the first\n  - name: a.org\n    kind: cname\n    records:\n      - { name: '@', type: TXT, content: one }\n";
    const after = withZones(text, {
      zones: [{ name: "b.org", dns: "dns", kind: "cname", mode: "existing", wildcard: false, records: [] }],
      records: [{ zone: "a.org", record: { name: "@", type: "TXT", content: "v=spf1 ~all", ttl: undefined } }],
    });
    expect(after).toContain("# the first");
    const { zones } = parse(after) as { zones: { name: string; records: object[] }[] };
    expect(zones.map(({ name, records }) => [name, records.length])).toEqual([
      ["a.org", 2],
      ["b.org", 0],
    ]);
    expect(zones[0]?.records[1]).toEqual({ name: "@", type: "TXT", content: "v=spf1 ~all" });
  });

  it("never change a channel that is declared", () => {
    const text = 'channels:\n  stable:\n    ref: "1"\n';
    const { channels } = parse(
      withChannels(text, [
        { name: "stable", ref: "2" },
        { name: "live-1", ref: "3" },
      ]),
    );
    expect(channels).toEqual({ stable: { ref: "1" }, "live-1": { ref: "3" } });
  });
});
