import { randomInt } from "node:crypto";
import type { Props } from "../framework/index.ts";
import { boolean, defineResource, integer, string } from "../framework/index.ts";
import { bcrypt } from "./bcrypt.ts";
import { atLeast, keepers } from "./keepers.ts";

const CLASSES = {
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  lower: "abcdefghijklmnopqrstuvwxyz",
  numeric: "0123456789",
  // terraform-provider-random's default, internal/random/string.go.
  special: "!@#$%&*()-_=+[]{}<>:?",
};

const inputs = {
  length: integer({ required: true, replaces: true, validate: atLeast(1) }),
  upper: boolean({ default: true, replaces: true }),
  lower: boolean({ default: true, replaces: true }),
  numeric: boolean({ computed: true, replaces: true }),
  number: boolean({ computed: true, replaces: true }),
  special: boolean({ default: true, replaces: true }),
  overrideSpecial: string({ replaces: true }),
  minUpper: integer({ default: 0, replaces: true, validate: atLeast(0) }),
  minLower: integer({ default: 0, replaces: true, validate: atLeast(0) }),
  minNumeric: integer({ default: 0, replaces: true, validate: atLeast(0) }),
  minSpecial: integer({ default: 0, replaces: true, validate: atLeast(0) }),
  keepers,
};

const pick = (alphabet: string, count: number): string[] =>
  Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)]!);

function generate(options: Props): string {
  const special = (options.overrideSpecial as string | undefined) || CLASSES.special;
  const classes: [string, unknown, unknown][] = [
    [special, options.special, options.minSpecial],
    [CLASSES.lower, options.lower, options.minLower],
    [CLASSES.upper, options.upper, options.minUpper],
    [CLASSES.numeric, options.numeric, options.minNumeric],
  ];
  const alphabet = classes.map(([letters, wanted]) => (wanted ? letters : "")).join("");
  if (alphabet === "") throw new Error("the character set specified is empty");
  const result = classes.flatMap(([letters, , min]) => pick(letters, min as number));
  result.push(...pick(alphabet, (options.length as number) - result.length));
  for (let last = result.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result.join("");
}

function make(given: Props): Props {
  const numeric = given.numeric ?? given.number ?? true;
  return { numeric, number: numeric, result: generate({ ...given, numeric }) };
}

function checkLength(values: Props, fail: (path: string, reason: string) => void): void {
  const parts = ["minUpper", "minLower", "minNumeric", "minSpecial"].map((key) => values[key] ?? 0);
  if (typeof values.length !== "number" || parts.some((part) => typeof part !== "number")) return;
  const sum = (parts as number[]).reduce((total, part) => total + part, 0);
  if (values.length < sum) {
    fail(
      "length",
      `length (${values.length}) must be at least ${sum}: the sum of minUpper, minLower, minNumeric and minSpecial`,
    );
  }
}

const imported = (result: string): Props => ({
  result,
  length: result.length,
  upper: true,
  lower: true,
  numeric: true,
  number: true,
  special: true,
  minUpper: 0,
  minLower: 0,
  minNumeric: 0,
  minSpecial: 0,
});

/** `RandomString`: readable characters, the result is not secret and is the id. */
export const randomString = defineResource<undefined>({
  properties: { ...inputs, result: string({ output: true }) },
  check: ({ inputs: values, fail }) => checkLength(values, fail),
  create: async (call) => {
    const outputs = make(call.inputs);
    return { id: outputs.result as string, outputs };
  },
  read: async ({ id, state, importing }) => ({ id, outputs: importing ? imported(id) : state }),
});

/** `RandomPassword`: the same with a secret result and its bcrypt hash; the id is always `none`. Import by the password. */
export const randomPassword = defineResource<undefined>({
  properties: {
    ...inputs,
    result: string({ output: true, secret: true }),
    bcryptHash: string({ output: true, secret: true }),
  },
  check: ({ inputs: values, fail }) => checkLength(values, fail),
  create: async (call) => {
    const outputs = make(call.inputs);
    return { id: "none", outputs: { ...outputs, bcryptHash: await bcrypt(outputs.result as string) } };
  },
  read: async ({ id, state, importing }) =>
    importing ? { id: "none", outputs: { ...imported(id), bcryptHash: await bcrypt(id) } } : { id, outputs: state },
});
