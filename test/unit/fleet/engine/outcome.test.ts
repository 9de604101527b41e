import { expect, it } from "vitest";
import type { EngineEvent } from "../../../../fleet/engine/event-log.ts";
import { OutcomeBuilder } from "../../../../fleet/engine/outcome.ts";

const urn = (name: string) => `urn:pulumi:prod::sitefleet::vercel:index/project:Project::${name}`;
const event = (kind: "resourcePreEvent" | "resOpFailedEvent", op: string, name: string) =>
  ({ [kind]: { metadata: { op, urn: urn(name), type: "vercel:index/project:Project" } } }) as unknown as EngineEvent;

// What breaks when this fails: a run in which everything failed says that it created everything.
it("counts what was done, not what was begun", () => {
  const builder = new OutcomeBuilder();
  for (const name of ["a", "b", "c"]) builder.add(event("resourcePreEvent", "create", name));
  builder.add(event("resOpFailedEvent", "create", "b"));
  const { counts, steps } = builder.outcome();
  expect(counts.created).toBe(2);
  expect(steps.map(({ name }) => name)).toEqual(["a", "c"]);
});

it("leaves the stack and its providers out, which are bookkeeping", () => {
  const builder = new OutcomeBuilder();
  for (const type of ["pulumi:pulumi:Stack", "pulumi:providers:vercel", "pulumi:pulumi:StackReference"]) {
    builder.add({ resourcePreEvent: { metadata: { op: "create", urn: urn(type), type } } } as unknown as EngineEvent);
  }
  expect(builder.outcome().counts.created).toBe(0);
});

// What breaks when this fails: the file plan of a service, or that a host serves something else, is in no preview of ours.
it("keeps what components of ours say of themselves, and takes it for no warning of the run", () => {
  const builder = new OutcomeBuilder();
  const say = (severity: string, type: string, name: string, message: string) =>
    builder.add({
      diagnosticEvent: { severity, message, urn: `urn:pulumi:prod-plesk::sitefleet::${type}::${name}` },
    } as unknown as EngineEvent);
  say("warning", "sitefleet:plesk:Service", "docs", "<{%reset%}>serves abc<{%reset%}>");
  say("info", "sitefleet:plesk:Service", "crm", "release x\n  ~ index.html");
  say("info", "pulumi:pulumi:Stack", "prod-plesk", "something printed");
  say("warning", "pulumi:pulumi:Stack", "prod-plesk", "an old plugin");
  const { notes, warnings } = builder.outcome();
  expect(notes).toEqual([
    { subject: "crm", level: "info", text: "release x\n  ~ index.html" },
    { subject: "docs", level: "warning", text: "serves abc" },
  ]);
  expect(warnings).toEqual(["prod-plesk: an old plugin"]);
});
