import { expect, it } from "vitest";
import type { EngineEvent } from "../../../../fleet/engine/event-log.ts";
import { FailedCreates } from "../../../../fleet/engine/failed-creates.ts";

// What an operation's events say of its failed creates. What breaks when these fail: a half made object is not taken over,
// or a mask ends in the state in place of a secret.

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const failure = (op: string, inputs: Record<string, unknown>): EngineEvent =>
  ({
    resOpFailedEvent: {
      metadata: {
        op,
        urn: "u",
        type: "t",
        new: { urn: "u", type: "t", custom: true, parent: "p", provider: "v", inputs },
      },
    },
  }) as unknown as EngineEvent;

it("keeps what identifies a resource and leaves out every mask, however deep", () => {
  const failed = new FailedCreates();
  const masked = { [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
  failed.add(failure("create", { name: "n", token: "[secret]", list: [{ key: "k", value: masked }, masked] }));
  expect(failed.list()).toEqual([
    { urn: "u", type: "t", custom: true, parent: "p", provider: "v", inputs: { name: "n", list: [{ key: "k" }] } },
  ]);
});

it("counts the create of a replacement, and nothing but creates", () => {
  const failed = new FailedCreates();
  failed.add(failure("update", {}));
  failed.add(failure("delete", {}));
  failed.add({} as EngineEvent);
  expect(failed.list()).toEqual([]);
  failed.add(failure("create-replacement", {}));
  expect(failed.list()).toHaveLength(1);
});
