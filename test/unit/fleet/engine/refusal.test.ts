import { describe, expect, it } from "vitest";
import { summariseRun } from "../../../../fleet/backend/journal/journal.ts";
import { Attempts } from "../../../../fleet/engine/attempts.ts";
import type { EngineEvent } from "../../../../fleet/engine/event-log.ts";
import { isPermanent, refusalIn } from "../../../../fleet/engine/refusal.ts";
import { endsOf } from "../../../../fleet/releases/health-gate/unfinished.ts";

// What breaks when this fails: a wrong token is tried three times and then "2 of 2 sites pass"; or a vendor's bad moment is
// not waited out.

const PROJECT = "vercel:index/project:Project";
const DOMAIN = "vercel:index/projectDomain:ProjectDomain";
const RECORD = "cloudflare:index/dnsRecord:DnsRecord";
const SECRET = "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret";

const PERMANENT: [string, string][] = [
  [PROJECT, "Error creating project: Could not create project, unexpected error: forbidden - Not authorized"],
  [
    DOMAIN,
    "Error adding domain to project: Could not add domain a.de to project prj_1, unexpected error: domain_already_in_use - Cannot add a.de since it's already in use by another account.",
  ],
  [PROJECT, "error performing API request: 401 <html>"],
  [
    RECORD,
    'failed to make http request: POST "https://api.cloudflare.com/client/v4/zones/1/dns_records": 403 Forbidden {}',
  ],
  [SECRET, "PUT https://api.github.com/repos/o/r/environments/e/secrets/S: 401 Bad credentials []"],
  ["pulumi:providers:github", "GET https://api.github.com/user: 401 Bad credentials []"],
];
const TRANSIENT: [string, string][] = [
  [PROJECT, "error performing API request: 503 upstream is busy, 401 more to come"],
  [PROJECT, "unexpected error: internal_server_error - forbidden - is part of this text"],
  [PROJECT, "unexpected error: conflict - another update is under way"],
  [
    RECORD,
    'failed to make http request: POST "https://api.cloudflare.com/client/v4/zones/401/dns_records": 500  {"code":403}',
  ],
  [
    SECRET,
    "PUT https://api.github.com/repos/o/r/environments/e/secrets/S: 403 API rate limit exceeded [rate reset in 12s]",
  ],
  [SECRET, "PUT https://api.github.com/x: 403 You have exceeded a secondary rate limit. []"],
  ["command:local:Command", "POST https://x: 401 "],
  [PROJECT, "read tcp 127.0.0.1:401: connection reset by peer"],
];

describe("a refusal", () => {
  it.each(PERMANENT)("is for good by status or code: %s %s", (type, message) => {
    const refusal = refusalIn(type, message);
    expect(refusal && isPermanent(refusal)).toBe(true);
  });

  it.each(TRANSIENT)("is worth another try: %s %s", (type, message) => {
    const refusal = refusalIn(type, message);
    expect(refusal !== undefined && isPermanent(refusal)).toBe(false);
  });
});

const urnOf = (type: string, name: string) =>
  `urn:pulumi:prod-cell-01::sitefleet::sitefleet:vercel:Site$${type}::${name}`;
const begin = (attempts: Attempts, name: string, type = PROJECT) =>
  attempts.add({
    resourcePreEvent: { metadata: { op: "update", urn: urnOf(type, name), type } },
  } as unknown as EngineEvent);
const fail = (attempts: Attempts, name: string, message: string, type = PROJECT) => {
  const urn = urnOf(type, name);
  attempts.add({ resOpFailedEvent: { metadata: { op: "update", urn, type } } } as unknown as EngineEvent);
  attempts.add({ diagnosticEvent: { severity: "error", urn, message } } as unknown as EngineEvent);
};
const REFUSED = "unexpected error: forbidden - Not authorized";
const BUSY = "error performing API request: 503 busy";

describe("what vendors refuse for good", () => {
  it("is not tried again, and nothing can have changed", () => {
    const attempts = new Attempts();
    for (const name of ["a", "b"]) {
      begin(attempts, name);
      fail(attempts, name, REFUSED);
    }
    expect(attempts.worthwhile(true)).toBe(false);
    expect(attempts.outcome()).toMatchObject({ untouched: true, counts: { changed: 0 } });
  });

  it("does not keep a bad moment of another object from being waited out", () => {
    const attempts = new Attempts();
    begin(attempts, "a");
    fail(attempts, "a", REFUSED);
    begin(attempts, "b");
    fail(attempts, "b", BUSY);
    expect(attempts.worthwhile(true)).toBe(true);
    // The answer is lost: the call may have been carried out.
    expect(attempts.outcome()).not.toHaveProperty("untouched");
    attempts.next(true);
    begin(attempts, "a");
    fail(attempts, "a", REFUSED);
    expect(attempts.worthwhile(true)).toBe(false);
    expect(attempts.outcome()).not.toHaveProperty("untouched");
  });

  it("and what the engine refuses before any provider is asked, a protected object, is not tried again", () => {
    const attempts = new Attempts();
    const urn = urnOf("cloudflare:index/zone:Zone", "a.de");
    const message = `resource "${urn}" cannot be deleted because it is protected`;
    attempts.add({ diagnosticEvent: { severity: "error", urn, message } } as unknown as EngineEvent);
    expect(attempts.worthwhile(true)).toBe(false);
    expect(attempts.outcome()).toMatchObject({ untouched: true });
    // Where the engine begins the deletion, as it does of what is no longer declared, it refuses it all the same.
    const begun = new Attempts();
    const metadata = {
      op: "delete",
      urn,
      type: "cloudflare:index/zone:Zone",
      old: { custom: true, protect: true, parent: "" },
    };
    begun.add({ resourcePreEvent: { metadata } } as unknown as EngineEvent);
    begun.add({ diagnosticEvent: { severity: "error", urn, message } } as unknown as EngineEvent);
    begun.add({ resOpFailedEvent: { metadata } } as unknown as EngineEvent);
    expect(begun.worthwhile(true)).toBe(false);
    expect(begun.outcome()).toMatchObject({ untouched: true });
    // A read that broke off was asked of the vendor.
    const other = new Attempts();
    const read = { op: "refresh", urn, type: "cloudflare:index/zone:Zone" };
    other.add({ resourcePreEvent: { metadata: read } } as unknown as EngineEvent);
    other.add({ diagnosticEvent: { severity: "error", urn, message: "EOF" } } as unknown as EngineEvent);
    expect(other.worthwhile(true)).toBe(true);
  });

  it("leaves nothing to judge: in the journal the stack ended as it was", () => {
    const at = "2026-11-28T00:00:00.000Z";
    const counts = { created: 0, changed: 0, replaced: 0, deleted: 0, unchanged: 4 };
    const run = summariseRun("r", [
      { event: "run-started", at, run: "r", operation: "up", stacks: ["s", "t"] },
      { event: "stack-started", at, stack: "s" },
      { event: "stack-ended", at, stack: "s", ok: false, counts, errors: ["401"], untouched: true },
      { event: "stack-started", at, stack: "t" },
      { event: "stack-ended", at, stack: "t", ok: false, counts, errors: ["503"] },
    ]);
    // For `--resume` both have failed.
    expect(run.failed).toEqual(["s", "t"]);
    expect([...endsOf(run)]).toEqual([
      ["s", "untouched"],
      ["t", "failed"],
    ]);
  });
});
