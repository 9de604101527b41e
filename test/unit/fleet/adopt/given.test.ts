import { expect, it } from "vitest";
import { type Wanted, withoutGiven } from "../../../../fleet/adopt/index.ts";

// What breaks when this fails: an adoption asks the engine for a resource that the program does not declare, and its stack fails.

const made = (name: string, first: boolean): Wanted => ({
  role: "generated",
  stack: "prod",
  urn: `urn:${name}`,
  name,
  bytes: 32,
  encoding: "hex",
  first,
});
const secret = (name: string): Wanted => ({
  role: "secret",
  stack: "prod",
  urn: `urn:secret:${name}`,
  name,
  environment: "production",
  generated: true,
  needs: ["urn:environment", `urn:${name}`],
});

it("wants no random value where the configuration has it, and a secret does not wait for one; a rotated value is made all the same", () => {
  const wanted = [secret("A"), made("A", true), secret("B"), made("B", false), secret("C"), made("C", true)];
  const left = withoutGiven(wanted, new Set(["A", "B"]));
  expect(left.map(({ urn, needs }) => [urn, needs])).toEqual([
    ["urn:secret:A", ["urn:environment"]],
    ["urn:secret:B", ["urn:environment", "urn:B"]],
    ["urn:B", undefined],
    ["urn:secret:C", ["urn:environment", "urn:C"]],
    ["urn:C", undefined],
  ]);
});
