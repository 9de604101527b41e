import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  canonicalContent,
  canonicalIPv6,
  canonicalKey,
  canonicalOrigin,
  canonicalTarget,
} from "../../../model/canonical.ts";
import { FRAMEWORKS } from "../../../model/index.ts";
import { isFramework } from "../../../sandbox/vercel/frameworks.ts";
import { desiredState } from "../../../stacks/desired.ts";
import { check, replace } from "./fixture.ts";
import "../../support/properties.ts";

// What breaks when these fail: two spellings of one thing. The second is accepted and then differs for ever from what the
// vendor shows, or passes `validate` and is refused by the vendor as identical (81058).

/** One address in several spellings. */
const spellings = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), fc.boolean(), fc.boolean())
  .map(([groups, upper, padded]) => {
    const write = (number: number) => {
      const hex = number.toString(16).padStart(padded ? 4 : 1, "0");
      return upper ? hex.toUpperCase() : hex;
    };
    const last = `${groups[6]! >> 8}.${groups[6]! & 255}.${groups[7]! >> 8}.${groups[7]! & 255}`;
    return {
      plain: groups.map((number) => number.toString(16)).join(":"),
      other: groups.map(write).join(":"),
      mixed: [...groups.slice(0, 6).map(write), last].join(":"),
    };
  });

describe("canonical values", () => {
  it("are the same for all spellings of an IPv6 address, and do not change again", () => {
    fc.assert(
      fc.property(spellings, ({ plain, other, mixed }) => {
        const one = canonicalIPv6(plain);
        expect(canonicalIPv6(other)).toBe(one);
        expect(canonicalIPv6(mixed)).toBe(one);
        if (one !== undefined) expect(canonicalIPv6(one)).toBe(one);
      }),
    );
  });

  test.each([
    ["2001:0DB8:0:0:0:0:0:7", "2001:db8::7"],
    ["2001:db8::0:1", "2001:db8::1"],
    ["::ffff:203.0.113.7", undefined],
    ["::FFFF:cb00:7107", undefined],
    ["fe80::1%eth0", undefined],
    ["203.0.113.7", undefined],
  ])("IPv6 %s", (written, canonical) => expect(canonicalIPv6(written)).toBe(canonical));

  test.each([
    ["0 issue letsencrypt.org", "0 issue letsencrypt.org"],
    ['0 issue "letsencrypt.org"', "0 issue letsencrypt.org"],
    ['000  ISSUE   "letsencrypt.org"', "0 issue letsencrypt.org"],
    [
      '0 issue "letsencrypt.org; validationmethods=dns-01; accounturi=https://acme.example/acct/1"',
      "0 issue letsencrypt.org; validationmethods=dns-01; accounturi=https://acme.example/acct/1",
    ],
    ['0 issuewild ";"', "0 issuewild ;"],
    ["0 issuemail ;", "0 issuemail ;"],
    ["0 issuevmc digicert.com", "0 issuevmc digicert.com"],
    ["0 contactemail security@example.org", "0 contactemail security@example.org"],
    ["0 contactphone +43 1 234567", "0 contactphone +43 1 234567"],
    ["128 iodef mailto:a@b.at", "128 iodef mailto:a@b.at"],
  ])("CAA %s", (written, canonical) => {
    expect(canonicalContent("CAA", written)).toBe(canonical);
    expect(canonicalContent("CAA", canonical)).toBe(canonical);
  });

  test.each([
    ["WEB.example.org", undefined],
    ["2001:0db8::7", { type: "AAAA", content: "2001:db8::7" }],
    ["bücher.example.org", { type: "CNAME", content: "xn--bcher-kva.example.org" }],
  ])("target %s", (written, canonical) => {
    expect(canonicalTarget(written)).toEqual(canonical);
  });

  it("of keys and web servers drop what says nothing", () => {
    expect(canonicalKey("ssh-ed25519 AAAA root@host")).toBe("ssh-ed25519 AAAA");
    expect(canonicalOrigin("https://WEB.example.org:443")).toBe("https://web.example.org");
  });
});

it("the desired state is the same for all spellings of a catalog", () => {
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1";
  const zones = (v6: string, caa: string) => (text: string) =>
    `${text}      - { name: six, type: AAAA, content: "${v6}" }\n      - { name: "@", type: CAA, content: '${caa}' }\n`;
  const hosts = (origin: string, hostKey: string) =>
    replace("user: web01", `user: web01, origin: "${origin}", hostKey: ["${hostKey}"]`);
  const states = [
    check({
      "zones.yaml": zones("2001:db8::7", "0 issue letsencrypt.org"),
      "hosts.yaml": hosts("2001:db8::1", key),
    }),
    check({
      "zones.yaml": zones("2001:0DB8:0:0::7", '0 issue "letsencrypt.org"'),
      "hosts.yaml": hosts("2001:DB8:0::1", `${key} root@host`),
    }),
  ].map(({ catalog, lines }) => {
    expect(lines).toEqual([]);
    return ["prod", "prod-plesk"].map((stack) => JSON.stringify(desiredState(catalog!, stack)));
  });
  expect(states[1]).toEqual(states[0]);
});

describe("values of records", () => {
  const record = (text: string) =>
    check({ "zones.yaml": replace("- { name: static,", `- { ${text} }\n      - { name: static,`) }).lines;

  test.each([
    "name: a, type: CAA, content: '0 issue \"letsencrypt.org; validationmethods=dns-01\"'",
    "name: a, type: CAA, content: 0 issuemail ;",
    "name: nomail, type: MX, content: ., priority: 0",
  ])("%s is right", (text) => expect(record(text)).toEqual([]));

  test.each([
    ["name: a, type: AAAA, content: '::ffff:203.0.113.7'", "in IPv6 form"],
    ["name: a, type: A, content: 203.0.113.007", "no IPv4 address"],
    ["name: a, type: CAA, content: 0 issued letsencrypt.org", "issuemail"],
    ["name: a, type: CAA, content: 0 issue letsencrypt.org; nonsense", "no CAA value"],
    ["name: '@', type: MX, content: ., priority: 0", "beside other MX"],
    ["name: a, type: MX, content: ., priority: 10", "priority: 0"],
    ["name: a, type: MX, content: 10 mail.example.org, priority: 10", "holds a priority"],
    ["name: a, type: TXT, content: ' x'", "white space"],
    ["name: a, type: TXT, content: 'v=DKIM1\\; k=rsa'", "not escaped"],
    ["name: a, type: TXT, content: 'a\" \"b'", "without quotes"],
  ])("%s is told", (text, part) => expect(record(text).join("\n")).toContain(part));

  it("that stand twice in two spellings are told", () => {
    const twice =
      "- { name: s, type: AAAA, content: '2001:db8::7' }\n      - { name: s, type: AAAA, content: '2001:DB8:0::7' }";
    const { problems } = check({ "zones.yaml": replace("- { name: static,", `${twice}\n      - { name: static,`) });
    expect(problems.map(({ rule }) => rule)).toContain("record.duplicate");
  });
});

describe("numbers in YAML", () => {
  const secret = (value: string) => check({ "secrets.yaml": replace("value: 587", `value: ${value}`) });

  test.each([
    ["587", "587"],
    ['"0123"', "0123"],
    ["yes", "yes"],
    ["2026-01-01", "2026-01-01"],
    ["1_000", "1_000"],
  ])("a secret's value %s is the text as written", (written, value) => {
    const { catalog, lines } = secret(written);
    expect(lines).toEqual([]);
    expect(catalog?.secrets.entries.find(({ name }) => name === "SMTP_PORT")?.value).toBe(value);
  });

  test.each(["0123", "1e3", "0x10", "0o17", "+5", "1.50", "1e999", "~", "null", "true", "12345678901234567890123"])(
    "a secret's value %s is told, never changed",
    (written) => {
      const { problems } = secret(written);
      expect(problems.map(({ rule, field }) => `${rule} ${field}`)).toContain("file.value secrets[0].value");
    },
  );

  test.each([
    ["ttl: 1e999", "1e999 is"],
    ["ttl: 99999999999999999999", "99999999999999999999 is"],
    ["ttl: 0300", "0300 begins with 0"],
  ])("a message about %s shows what is written", (text, part) => {
    const { lines } = check({ "zones.yaml": replace("ttl: 300", text) });
    expect(lines.join("\n")).toContain(part);
  });

  it("keys are texts as written", () => {
    const { lines } = check({ "releases.yaml": (text) => `${text}  0123: { ref: x }\n` });
    expect(lines.join("\n")).toContain('"0123"');
  });
});

it("the sandbox knows every framework that the catalog allows", () => {
  expect(FRAMEWORKS.filter((slug) => !isFramework(slug))).toEqual([]);
});
