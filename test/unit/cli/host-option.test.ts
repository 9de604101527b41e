import fc from "fast-check";
import { expect, it } from "vitest";
import { collectHosts, hostOf } from "../../../operations/kit/host.ts";

// What breaks when this fails: `--site müller.qmoney.de` is unknown although sites.csv says `müller`.

it("takes a host as a person writes it", () => {
  const kept = "xn--mller-kva.qmoney.de";
  for (const text of [
    "müller.qmoney.de",
    "mu\u0308ller.qmoney.de",
    "MÜLLER.qmoney.de",
    "xn--mller-kva.qmoney.de.",
    " XN--MLLER-KVA.QMONEY.DE",
  ])
    expect(hostOf(text)).toBe(kept);
  expect(collectHosts("müller.qmoney.de,quiz.qmoney.de", ["a.de"])).toEqual(["a.de", kept, "quiz.qmoney.de"]);
});

it("leaves what is no host for whoever looks it up, and what is kept already as it is", () => {
  expect(hostOf("no host")).toBe("no host");
  fc.assert(fc.property(fc.domain(), (host) => hostOf(hostOf(host)) === hostOf(host)));
});
