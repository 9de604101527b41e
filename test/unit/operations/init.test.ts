import fc from "fast-check";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { answersSchema, problemsBetween, zoneOf } from "../../../operations/init/answers.ts";
import { missingKeys, type Places, planFiles, quoted } from "../../../operations/init/plan.ts";
import { chosenKey } from "../../../operations/init/resolve.ts";
import { fingerprintOf } from "../../../plesk/index.ts";

// What breaks when these fail: an estate is set up otherwise than it was answered, or what is wrong is found in the first run.

const places: Places = {
  dir: "/e",
  catalog: "/e/catalog",
  configFile: "/e/Pulumi.prod.yaml",
  passphraseFile: "/e/passphrase",
  backend: "file:///e/state",
};
const answers = answersSchema.parse({
  target: "production",
  tokens: { TOKEN: "/t/it's" },
  settings: { team: "acme" },
  cells: 16,
  zones: [{ name: "example.com" }, { name: "sub.example.com" }],
  sites: [
    { host: "example.com", repository: "Acme/Shop" },
    { host: "a.sub.example.com", repository: "acme/blog", framework: "astro", rootDirectory: "site" },
  ],
  secrets: { repository: "acme/estate", values: { JWT: { generated: 64 }, SMTP_PASS: { file: "/s" } } },
  hosts: [{ key: "plesk", address: "h.example", user: "u", root: "/www", keyFile: "/k" }],
});
const resolved = {
  modes: new Map([["example.com", "existing" as const]]),
  commits: new Map([
    ["example.com", "a".repeat(40)],
    ["a.sub.example.com", "b".repeat(40)],
  ]),
  hostKeys: new Map([["plesk", ["ssh-ed25519 AAAA"]]]),
};

it("gives an estate whose owner asks for no number of cells 32", () => {
  const { cells: _, ...rest } = answers;
  const estate = planFiles(rest, resolved, places, "").find(({ path }) => path === "catalog/estate.yaml");
  expect(parse(estate?.text ?? "")).toEqual({ cells: 32 });
});

it("plans the catalog as it was answered", () => {
  const files = new Map(planFiles(answers, resolved, places, "limits: []\n").map(({ path, text }) => [path, text]));
  expect(files.get("catalog/sites.csv")?.split("\n").slice(1, 3)).toEqual([
    "@,example.com,own,Acme/Shop,,,stable,",
    "a,sub.example.com,own,acme/blog,site,astro,stable,",
  ]);
  expect(parse(files.get("catalog/estate.yaml") ?? "")).toEqual({ cells: 16 });
  expect(parse(files.get("catalog/zones.yaml") ?? "").zones).toEqual([
    {
      name: "example.com",
      kind: "cname",
      mode: "existing",
      records: [{ name: "@", type: "A", content: "76.76.21.21" }],
    },
    { name: "sub.example.com", kind: "cname", mode: "existing" },
  ]);
  expect(parse(files.get("catalog/releases.yaml") ?? "")).toEqual({
    channels: { stable: { ref: "a".repeat(40), repositories: { "acme/blog": { ref: "b".repeat(40) } } } },
  });
  expect(parse(files.get("catalog/secrets.yaml") ?? "")).toEqual({
    github: { repository: "acme/estate", environment: "production" },
    secrets: [
      { name: "SSH_PRIVATE_KEY", source: "config" },
      { name: "JWT", source: "generated", bytes: 64 },
      { name: "SMTP_PASS", source: "config" },
    ],
  });
  expect(parse(files.get("catalog/hosts.yaml") ?? "").hosts[0]).toMatchObject({
    key: "plesk",
    hostKey: ["ssh-ed25519 AAAA"],
  });
  expect(files.get("env.sh")).toContain(`export TOKEN="$(cat '/t/it'\\''s')"`);
  // Where secrets lie is kept for the next try alone.
  expect([...files].filter(([, text]) => text.includes("keyFile")).map(([path]) => path)).toEqual(["init.yaml"]);
});

it("adds to a configuration file what it lacks, and changes nothing in it", () => {
  expect(missingKeys({ config: { "sitefleet:target": "mine" } }, answers)).toEqual({ "sitefleet:team": "acme" });
});

it("a host is in the longest zone that fits, or in none", () => {
  const zones = [{ name: "example.com" }, { name: "sub.example.com" }];
  expect(zoneOf("a.sub.example.com", zones)).toBe("sub.example.com");
  expect(zoneOf("notexample.com", zones)).toBeUndefined();
});

it("says all that is missing at once, and what is wrong between answers", () => {
  expect(problemsBetween(answersSchema.parse({})).map(({ path }) => path.join("."))).toEqual([
    "target",
    "zones",
    "sites",
    "secrets",
  ]);
  const wrong = answersSchema.parse({
    ...answers,
    sites: [
      { host: "shop.other.com", repository: "a/b" },
      { host: "x.example.com", repository: "a/b" },
      { host: "x.example.com", repository: "a/c" },
    ],
    hosts: [{ key: "plesk", address: "h", user: "u", root: "/" }],
  });
  expect(problemsBetween(wrong).map(({ path, wrong: says }) => `${path.join(".")}: ${says}`)).toEqual([
    "sites.0.host: shop.other.com is in none of the zones example.com, sub.example.com",
    "sites.2.host: x.example.com is a site already, number 2",
    "hosts.0.keyFile: is missing: the file with the private key for plesk",
  ]);
});

it("takes of a host's keys the one that its hoster publishes, and else says what the host shows", () => {
  const line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJm8";
  const shown = [{ line, fingerprint: fingerprintOf(line) }];
  expect(chosenKey({ address: "h", fingerprint: fingerprintOf(line) }, shown)).toBe(line);
  expect(chosenKey({ address: "h" }, shown)).toMatchObject({ wrong: expect.stringContaining(fingerprintOf(line)) });
  expect(chosenKey({ address: "h", fingerprint: `SHA256:${"x".repeat(43)}` }, shown)).toMatchObject({
    wrong: expect.stringMatching(/^is not one of the host's/),
  });
});

it("quotes every path so that a shell reads it as it is", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const inside = quoted(text).slice(1, -1).split(`'\\''`);
      expect(inside.join("'")).toBe(text);
      expect(inside.every((part) => !part.includes("'"))).toBe(true);
    }),
  );
});
