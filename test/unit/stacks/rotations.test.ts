// What breaks when these fail: an old checkout or a rollback makes a new password that no database knows.
import { expect, test } from "vitest";
import type { SharedState } from "../../../stacks/desired.ts";
import { neverBack } from "../../../stacks/rotations.ts";

type Secret = SharedState["environment"]["secrets"][number];
const password = (change: object = {}): Secret => ({
  name: "P",
  source: "generated",
  bytes: 32,
  encoding: "hex",
  ...change,
});
const user = (value: string, change: object = {}): Secret => ({ name: "U", source: "fixed", value, ...change });
const B = { name: "U", value: "svc_b" };

test("what is declared is taken, and kept with its user", () => {
  const declared = [password({ generation: 2, other: 1 }), user("svc_b", { follows: "P" })];
  const { secrets, rotations, held } = neverBack(declared, { P: { generation: 1, other: 2 } });
  expect([secrets, held]).toEqual([declared, []]);
  expect(rotations).toEqual({ P: { generation: 2, other: 1, user: B } });
});

test("an earlier value than the one in use is not taken, nor is its user; that is kept for the next time", () => {
  const kept = { P: { generation: 2, user: B } };
  for (const declared of [
    [password(), user("svc")],
    [password({ other: 2 }), user("svc")],
  ]) {
    const { secrets, rotations, held } = neverBack(declared, kept);
    expect(held).toEqual(["P"]);
    expect(secrets).toEqual([password({ generation: 2 }), user("svc_b")]);
    expect(rotations).toEqual(kept);
  }
});

test("without a rotation nothing is kept", () => {
  const declared = [password(), user("svc")];
  expect(neverBack(declared, {})).toEqual({ secrets: declared, rotations: {}, held: [] });
});
