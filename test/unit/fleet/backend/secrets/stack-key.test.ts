import { pbkdf2Sync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isSaltLine, StackKey } from "../../../../../fleet/backend/secrets/stack-key.ts";

// What breaks when these fail: a wrong passphrase is found in the middle of a run, or an engine gets a key that opens nothing.

describe("the key of the secrets", () => {
  it("is refused with another passphrase, and is the same in another process", async () => {
    const right = saltFor("correct horse");
    expect(isSaltLine(right)).toBe(true);
    const key = await StackKey.from("correct horse", right);
    expect(await StackKey.from("wrong", right)).toBeUndefined();
    const other = StackKey.unpacked(key?.packed() ?? { salt: "", key: "" });
    expect(other.open(key?.close("a") ?? "")).toBe("a");
  });

  it.each(["", "v1", "v2:AAAA:v1:B:C", "v1::v1:B:C", "v1:AAAA:B"])("is made of no line like %j", (line) => {
    expect(isSaltLine(line)).toBe(false);
  });
});

/** A salt line as the engine writes one. */
function saltFor(passphrase: string): string {
  const salt = Buffer.from("12345678").toString("base64");
  const key = pbkdf2Sync(passphrase, Buffer.from(salt, "base64"), 1_000_000, 32, "sha256").toString("base64");
  return `v1:${salt}:${StackKey.unpacked({ salt, key }).close("pulumi")}`;
}
