import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  inServiceForm,
  isClosedWith,
  planInPassphraseForm,
  secretsAnswers,
} from "../../../../../fleet/backend/secrets/service-form.ts";
import { isSaltLine, StackKey } from "../../../../../fleet/backend/secrets/stack-key.ts";

// What breaks when these fail: a preview cannot open a stack's secrets, or leaves a plan that the engine cannot open.

const KEY = StackKey.unpacked({ salt: "v1:AAAA:v1:B:C", key: Buffer.alloc(32, 7).toString("base64") });
const MARK = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const secret = fc.string().map((text) => ({ ...MARK, ciphertext: KEY.close(text) }));
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.string(),
    fc.integer(),
    fc.constant(null),
    secret,
    fc.array(tie("value")),
    fc.dictionary(fc.string(), tie("value")),
  ),
})).value;

describe("secrets as a service closes them", () => {
  it("are those of the passphrase's manager in another form, and nothing else is changed", () => {
    fc.assert(
      fc.property(values, (value) => {
        const state = { resourcePlans: { value } };
        const there = inServiceForm(state);
        expect(planInPassphraseForm(there as object)).toEqual(state);
        for (const text of JSON.stringify(there).match(/"ciphertext":"[^"]*/g) ?? []) expect(text).not.toContain("v1:");
      }),
    );
  });

  it("are opened and closed for the engine, one or many at once", () => {
    const answers = secretsAnswers(KEY);
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const { ciphertext } = answers.encrypt({ plaintext: base64("geheim ä") });
    expect(KEY.open(Buffer.from(ciphertext, "base64").toString())).toBe("geheim ä");
    expect(answers.decrypt({ ciphertext })).toEqual({ plaintext: base64("geheim ä") });
    const { ciphertexts } = answers["batch-encrypt"]({ plaintexts: [base64("a"), base64("b")] });
    expect(answers["batch-decrypt"]({ ciphertexts })).toEqual({
      plaintexts: { [ciphertexts[0] as string]: base64("a"), [ciphertexts[1] as string]: base64("b") },
    });
    const foreign = Buffer.from("v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA").toString("base64");
    expect(() => answers.decrypt({ ciphertext: foreign })).toThrow("another key");
  });

  it("of a stack that another key has closed are left to the engine", () => {
    expect(isClosedWith({ type: "passphrase", state: { salt: KEY.salt } }, KEY)).toBe(true);
    expect(isClosedWith({ type: "passphrase", state: { salt: "v1:BBBB:v1:B:C" } }, KEY)).toBe(false);
    expect(isClosedWith({ type: "cloud", state: {} }, KEY)).toBe(false);
    expect(isClosedWith(undefined, KEY)).toBe(false);
  });

  it("of a plan's configuration are in the form of the passphrase as well", () => {
    const sealed = KEY.close("x");
    const config = { a: { secure: Buffer.from(sealed).toString("base64") }, b: "plain", c: { secure: 1 } };
    expect(planInPassphraseForm({ config })).toEqual({
      config: { a: { secure: sealed }, b: "plain", c: { secure: 1 } },
    });
  });
});

describe("the key of the secrets", () => {
  it("is refused with another passphrase, and is the same in another process", async () => {
    const right = await saltFor("correct horse");
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
async function saltFor(passphrase: string): Promise<string> {
  const { pbkdf2Sync } = await import("node:crypto");
  const salt = Buffer.from("12345678").toString("base64");
  const key = pbkdf2Sync(passphrase, Buffer.from(salt, "base64"), 1_000_000, 32, "sha256").toString("base64");
  return `v1:${salt}:${StackKey.unpacked({ salt, key }).close("pulumi")}`;
}
