import { describe, expect, it } from "vitest";
import { withoutAdopted } from "../../../../fleet/adopt/undo.ts";

// What breaks when these fail: an undo leaves a state that the engine refuses, or takes out what it did not take in.

const BASE = "urn:pulumi:prod::sitefleet::";
const root = { urn: `${BASE}pulumi:pulumi:Stack::sitefleet-prod`, type: "pulumi:pulumi:Stack", outputs: { zones: {} } };
const provider = { urn: `${BASE}pulumi:providers:dns::dns`, type: "pulumi:providers:dns", custom: true, id: "p1" };
const component = { urn: `${BASE}our:Zone::example.org`, type: "our:Zone", parent: root.urn };
const record = (name: string, dependencies: string[] = []) => ({
  urn: `${BASE}our:Zone$dns:Record::${name}`,
  type: "dns:Record",
  custom: true,
  id: name,
  parent: component.urn,
  provider: `${provider.urn}::p1`,
  dependencies,
});
const state = (...resources: object[]) => ({ version: 3, deployment: { resources: resources as never } });
const left = (urns: string[], ...resources: object[]) => {
  const { state: after, removed, kept } = withoutAdopted(state(...resources), urns);
  return { left: (after.deployment.resources ?? []).map(({ urn }) => urn), removed, kept };
};

describe("taking out of a state", () => {
  it("leaves an empty state where nothing else was in it, so that no output of it is read any more", () => {
    const one = record("a");
    expect(left([one.urn], root, provider, component, one)).toEqual({ left: [], removed: [one.urn], kept: [] });
  });

  it("keeps what was not adopted, with its component and provider", () => {
    const [one, other] = [record("a"), record("b")];
    const found = left([one.urn], root, provider, component, one, other);
    expect(found.left).toEqual([root.urn, provider.urn, component.urn, other.urn]);
  });

  it("keeps what something else refers to", () => {
    const one = record("a");
    const other = record("b", [one.urn]);
    expect(left([one.urn], root, provider, component, one, other)).toMatchObject({ removed: [], kept: [one.urn] });
  });
});
