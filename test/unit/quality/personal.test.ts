import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endsOf } from "../../../plesk/operations/logs.ts";
import { isIban, judgeLogs, personalDataIn } from "../../../quality/logs/personal.ts";

// Breaks when a log with a person's data is green, or when what every log holds is taken for it.

describe("found", () => {
  test.each([
    ["a mail address", "login of eva.huber@verein-graz.at failed", ["mail address"]],
    ["an encoded one", "GET /confirm?mail=eva%40verein-graz.at", ["mail address"]],
    ["an Austrian IBAN", "donation AT61 1904 3002 3457 3201 booked", ["IBAN"]],
    ["a German IBAN", "iban=DE89370400440532013000;", ["IBAN"]],
    ["an Austrian mobile number", "sms to +43 664 1234567", ["phone number"]],
    ["one without country code", "Tel. 0664 123 45 67 angerufen", ["phone number"]],
    ["a German number", "call 0049 (0) 30 901820", ["phone number"]],
    ["an area code with a slash", "Rückruf 01/58858-0 und 030/9018200", ["phone number"]],
    [
      "an address of a visitor",
      '81.10.245.33 - - [29/Nov/2026:08:00:00 +0100] "GET / HTTP/1.1" 200 512',
      ["IP address"],
    ],
    ["one of IPv6", "client 2a02:8388:1:2::7f", ["IP address"]],
    ["a name with a title", "Frau Mag. Eva Huber hat gespendet", ["name"]],
    ["a name in a field", '{"firstName":"Eva","id":7}', ["name"]],
    ["several", "Herr Max Muster, max@verein.at, +43 1 5885800", ["mail address", "phone number", "name"]],
  ])("%s", (_name, line, kinds) => {
    expect(personalDataIn(line)).toEqual(kinds);
  });
});

describe("not found", () => {
  test.each([
    "2026-11-29T08:00:00.123Z info started in 1234567 ms, pid 4711",
    '127.0.0.1 - - [29/Nov/2026:08:00:00 +0100] "GET /a/1.2.3.4/b HTTP/1.1" 200 512 "Mozilla/5.0 Chrome/131.0.6778.85"',
    "10.0.0.7 192.168.1.20 172.16.0.9 ::1 fe80::1 client 81.10.245.0 anonymised",
    "upgraded acme/blog to v1.2.3.44",
    "release 9fceb02d0ae598e95dc970b74767f19372d61af8 live, order 20261129-000123",
    "sent as noreply@verein.at to user@example.com",
    "AT61 1904 3002 3457 3202 has a wrong checksum",
    "Error: Frau is no command; the Dr. module is missing; 08:15:32 29-11-2026",
    "cache hit 01-02-2026 12:30:45 key a1:b2:c3",
  ])("%s", (line) => {
    expect(personalDataIn(line)).toEqual([]);
  });
});

test("IBANs are told by their checksum: no single digit may differ", () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 19 }), fc.integer({ min: 1, max: 9 }), (at, by) => {
      const right = "AT611904300234573201";
      const wrong = right.slice(0, at) + ((Number(right[at]) + by) % 10) + right.slice(at + 1);
      expect([isIban(right), isIban(wrong)]).toEqual([true, false]);
    }),
  );
});

test("a log is judged by its lines, and what was found is not repeated", () => {
  const line = (text: string, at = 1) => ({ file: "access.log", line: at, text });
  const bad = judgeLogs([line("ok"), line("eva@verein.at", 2)], 0);
  expect(bad).toMatchObject({
    state: "fail",
    findings: [{ file: "access.log", line: 2, message: "holds mail address" }],
  });
  expect(JSON.stringify(bad)).not.toContain("eva");
  expect(judgeLogs([line("ok")], 0).state).toBe("pass");
  expect(judgeLogs([], 0).state).toBe("not-run");
});

test("no line makes it slow", () => {
  const hostile = [
    "0".repeat(9000),
    "a@".repeat(4000),
    "1.".repeat(4000),
    "AT61 ".repeat(1800),
    "f:".repeat(4000),
    "Dr. ".repeat(2000),
    "+43 ".repeat(2000),
    "a.".repeat(4000) + "@",
  ];
  const started = performance.now();
  for (const line of hostile) personalDataIn(line);
  expect(performance.now() - started).toBeLessThan(2000);
});

test("what a host sends is divided by file, and no line of a log is taken for an answer", () => {
  const said = ["motd", "sitefleet:log 0", "|a", "|sitefleet:log 1", "|", "", "sitefleet:absent 1", "sitefleet:done"];
  expect(endsOf(["/var/log/a", "b.log"], said)).toEqual([
    { path: "/var/log/a", lines: ["a", "sitefleet:log 1", ""] },
    { path: "b.log", lines: undefined },
  ]);
});
