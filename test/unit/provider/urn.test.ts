import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutcomeBuilder } from "../../../fleet/engine/outcome.ts";
import { movedSince } from "../../../fleet/releases/rollback/current.ts";
import { isStackUrn, nameOfUrn, parseUrn, typeOfUrn } from "../../../provider/framework/urn.ts";
import { compare } from "../../../sandbox/compare.ts";

// What breaks when this fails: a record for an IPv6 address is shown, compared and rolled back under the end of its name.

const RECORD = "cloudflare:index/dnsRecord:DnsRecord";
const NAME = "qmoney.de AAAA a.qmoney.de 2001:db8::7";
const urn = `urn:pulumi:prod::sitefleet::sitefleet:dns:Zone$${RECORD}::${NAME}`;

describe("a URN", () => {
  it("has a name that may hold the separator", () => {
    expect(parseUrn(urn)).toEqual({ stack: "prod", project: "sitefleet", type: RECORD, name: NAME });
    expect(nameOfUrn("urn:pulumi:prod::sitefleet::a:b:C::::1")).toBe("::1");
  });

  it("gives back every name and type that it was made of", () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9_/.-]{1,12}$/);
    const type = fc.tuple(word, word, word).map((parts) => parts.join(":"));
    const name = fc
      .array(fc.oneof(word, fc.constantFrom("::", "$", ":", " ", "*.", "::1", "2001:db8::7", "ü")), { minLength: 1 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(word, word, fc.array(type, { maxLength: 3 }), type, name, (stack, project, parents, own, logical) => {
        const text = `urn:pulumi:${stack}::${project}::${[...parents, own].join("$")}::${logical}`;
        expect(parseUrn(text)).toEqual({ stack, project, type: own, name: logical });
      }),
    );
  });

  it("is a stack's by its type alone", () => {
    expect(isStackUrn("urn:pulumi:prod::sitefleet::pulumi:pulumi:Stack::sitefleet-prod")).toBe(true);
    expect(isStackUrn("urn:pulumi:prod::sitefleet::a:b:C::x::pulumi:pulumi:Stack::y")).toBe(false);
    expect(typeOfUrn("")).toBe("");
  });
});

describe("a logical name with an IPv6 address", () => {
  it("is whole in the steps, parents, notes and errors of an operation", () => {
    const builder = new OutcomeBuilder();
    const state = {
      urn,
      type: RECORD,
      id: "",
      parent: "urn:pulumi:prod::sitefleet::sitefleet:dns:Zone::a::b",
      custom: true,
    };
    const step = builder.add({
      resourcePreEvent: { metadata: { op: "create", urn, type: RECORD, old: null, new: { ...state, inputs: {} } } },
    } as never);
    expect(step).toMatchObject({ name: NAME, parent: "a::b" });
    builder.add({ diagnosticEvent: { urn, severity: "error", message: "no" } } as never);
    const component = "urn:pulumi:prod::sitefleet::sitefleet:dns:Zone::a::b";
    builder.add({ diagnosticEvent: { urn: component, severity: "info", message: "told" } } as never);
    const { errors, notes } = builder.outcome();
    expect(errors).toEqual([`${NAME}: no`]);
    expect(notes).toEqual([{ subject: "a::b", level: "info", text: "told" }]);
  });

  it("is whole where states are compared", () => {
    const now = { resources: [{ urn, type: RECORD, modified: "2" }], pending: [] };
    expect(movedSince([{ urn, type: RECORD, modified: "1" }], now)).toEqual(new Set([NAME]));
    const service = { type: "command:local:Command", urn: "urn:pulumi:p::s::command:local:Command::a::b" };
    expect(compare({ host: { services: [{ id: "a::b", name: "x" }] } }, [service])).toMatchObject({
      missing: [],
      orphans: [],
    });
  });
});
