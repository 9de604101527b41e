import type { ProjectArgs } from "@pulumiverse/vercel";

/** A value of Terraform's JSON syntax. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Lists whose name the Pulumi provider has put into the plural. */
const SINGULAR: Readonly<Record<string, string>> = { environments: "environment", targets: "target" };

/** `rootDirectory` as Terraform writes it. Pure. */
function nameOf(key: string): string {
  return SINGULAR[key] ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * What our plan gives the Pulumi provider, as attributes of the Terraform provider that it is made of: the same resource on both
 * sides by construction. Pure.
 *
 * @throws TypeError for a value that is not plain data
 */
export function attributesOf(args: ProjectArgs): { readonly [name: string]: Json } {
  return translated(args) as { readonly [name: string]: Json };
}

function translated(value: unknown): Json {
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value as Json;
  if (Array.isArray(value)) return value.map(translated);
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value as object).filter(([, one]) => one !== undefined);
    return Object.fromEntries(entries.map(([key, one]) => [nameOf(key), translated(one)]));
  }
  throw new TypeError("a declared value that is no plain data has no Terraform syntax");
}

/** Text that stands for itself: Terraform's JSON syntax reads `${` and `%{` in a string as the start of a template. Pure. */
export function literal(text: string): string {
  return text.replace(/[$%](?=\{)/g, (sign) => sign + sign);
}

/** What an expression comes to, as a string of Terraform's JSON syntax. Pure. */
export function value(expression: string): string {
  return `\${${expression}}`;
}
