import fc from "fast-check";
import { expect, it } from "vitest";
import { Attempts, MOST_ATTEMPTS } from "../../../../fleet/engine/attempts.ts";
import type { EngineEvent } from "../../../../fleet/engine/event-log.ts";

// Trying a stack again. What breaks when this fails: a vendor's bad moment fails a run of 1500 sites; or a build, a check or a
// deployment to the Plesk host that failed is done over by itself; or a mistake is tried for ever.

const urnOf = (type: string, name: string) =>
  `urn:pulumi:prod-cell-01::sitefleet::sitefleet:vercel:Site$${type}::${name}`;
const PROJECT = "vercel:index/project:Project";
const events = (kind: "resourcePreEvent" | "resOpFailedEvent", name: string, type = PROJECT) =>
  ({ [kind]: { metadata: { op: "create", urn: urnOf(type, name), type } } }) as unknown as EngineEvent;
const error = (urn: string) =>
  ({ diagnosticEvent: { severity: "error", message: "500", urn } }) as unknown as EngineEvent;

const created = (attempts: Attempts, ...names: string[]) => {
  for (const name of names) attempts.add(events("resourcePreEvent", name));
};
const failed = (attempts: Attempts, name: string, type = PROJECT) => {
  attempts.add(events("resourcePreEvent", name, type));
  attempts.add(events("resOpFailedEvent", name, type));
};

it("tries what failed at a vendor again, and adds up what all attempts did", () => {
  const attempts = new Attempts();
  created(attempts, "a");
  failed(attempts, "b");
  expect(attempts.worthwhile(true)).toBe(true);
  attempts.next(true);
  created(attempts, "b");
  const { counts, steps, attempts: number, errors } = attempts.outcome();
  expect(counts.created).toBe(2);
  expect(steps.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(number).toBe(2);
  expect(errors).toEqual([]);
});

it("tries a preview again without counting what the first one saw", () => {
  const attempts = new Attempts();
  created(attempts, "a");
  attempts.add(error(urnOf(PROJECT, "b")));
  expect(attempts.worthwhile(false)).toBe(true);
  attempts.next(false);
  created(attempts, "a", "b");
  expect(attempts.outcome().counts.created).toBe(2);
});

it.each([
  ["a release", "sitefleet:vercel:Release"],
  ["a deployment to the host", "command:local:Command"],
])("leaves it at one attempt when %s failed, alone or with others", (_, type) => {
  const attempts = new Attempts();
  failed(attempts, "a", type);
  expect(attempts.worthwhile(true)).toBe(false);
  failed(attempts, "b");
  expect(attempts.worthwhile(true)).toBe(false);
});

it("leaves it at one attempt when the program failed, or nobody knows what", () => {
  const attempts = new Attempts();
  expect(attempts.worthwhile(true)).toBe(false);
  attempts.add(error("urn:pulumi:prod::sitefleet::pulumi:pulumi:Stack::sitefleet-prod"));
  expect(attempts.worthwhile(true)).toBe(false);
});

it("ends after two more when it fails at the same place and nothing is done", () => {
  const attempts = new Attempts();
  created(attempts, "a");
  const worthwhile = [1, 2, 3].map(() => {
    failed(attempts, "b");
    const again = attempts.worthwhile(true);
    attempts.next(true);
    return again;
  });
  expect(worthwhile).toEqual([true, true, false]);
});

it("tries again when a provider could not be set up, which is at a vendor too", () => {
  const attempts = new Attempts();
  attempts.add(error("urn:pulumi:prod::sitefleet::pulumi:providers:vercel::vercel"));
  expect(attempts.worthwhile(true)).toBe(true);
});

it("is bounded, whatever fails", () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 50 }))), (stream) => {
      const attempts = new Attempts();
      for (const [does, what] of stream) {
        if (does) created(attempts, `done-${attempts.number}`);
        failed(attempts, `site-${what}`);
        expect(attempts.pause()).toBeLessThan(60_000);
        if (!attempts.worthwhile(true)) break;
        attempts.next(true);
      }
      expect(attempts.number).toBeLessThanOrEqual(MOST_ATTEMPTS);
    }),
  );
});
