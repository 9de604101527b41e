/** Two spellings of one value. */
type Sameness = "case" | "final-dot" | "quotes" | "slashes" | "number-text" | "on-off" | "order" | "empty";

/** A difference that a vendor or its provider makes of one value. */
export interface Noise {
  /** Property path; `*` stands for one part of it. */
  readonly path: string;
  /** What is the same all the same; any of them together. */
  readonly same: readonly Sameness[];
  /** Not where the resource's logical name has one of these parts: records are named by host, type and content. @default everywhere */
  readonly notIn?: readonly string[];
  /** Why it is no change, in a sentence for people. */
  readonly reason: string;
}

const unquoted = (text: string): string => text.replace(/^"|"$/g, "").replace(/"\s+"/g, "");

/** Brings a value into one spelling. */
const SPELLINGS: Readonly<Record<Sameness, (value: unknown) => unknown>> = {
  case: (value) => (typeof value === "string" ? value.toLowerCase() : value),
  "final-dot": (value) => (typeof value === "string" ? value.replace(/\.$/, "") : value),
  quotes: (value) => (typeof value === "string" ? unquoted(value) : value),
  slashes: (value) => (typeof value === "string" ? value.replace(/^\.?\/+|\/+$/g, "").replace(/^\.$/, "") : value),
  "number-text": (value) => (typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value),
  "on-off": (value) => (value === "on" ? true : value === "off" ? false : value),
  order: (value) => (Array.isArray(value) ? value.map((one) => JSON.stringify(one)).sort() : value),
  empty: (value) =>
    value === null || value === "" || (Array.isArray(value) && value.length === 0) ? undefined : value,
};

/** Whether two values are spellings of one. Pure. */
export function isSpelling(same: readonly Sameness[], old: unknown, next: unknown): boolean {
  const spell = (value: unknown) => same.reduce((text, one) => SPELLINGS[one](text), value);
  return JSON.stringify(spell(old) ?? null) === JSON.stringify(spell(next) ?? null);
}

/** A difference of one property. */
export interface Difference {
  /** Logical name of the resource. */
  readonly name: string;
  readonly path: string;
  readonly old: unknown;
  readonly next: unknown;
}

/** The rule by which a difference is none; undefined when it is one. Pure. */
export function noiseOf(rules: readonly Noise[], { name, path, old, next }: Difference): Noise | undefined {
  const plain = path.replace(/\[(\d+)\]/g, ".$1");
  return rules.find((rule) => {
    const pattern = rule.path.split(".");
    const parts = plain.split(".");
    const fits =
      pattern.length === parts.length && pattern.every((part, index) => part === "*" || part === parts[index]);
    return fits && !rule.notIn?.some((one) => name.includes(one)) && isSpelling(rule.same, old, next);
  });
}
