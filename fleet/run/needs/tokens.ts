import { isIP } from "node:net";
import { programOnPath } from "../../../environment/programs.ts";
import type { Catalog } from "../../../model/index.ts";
import type { StackKind } from "../../../vendors/calls.ts";
import { fault, type Line, ok, warning } from "../../../vendors/checkup.ts";
import { SECRETS, VENDORS, type Vendor } from "../../../vendors/index.ts";

/** Which kinds of stack call a vendor, and how these stacks are named. */
const USES: readonly { readonly kinds: readonly StackKind[]; readonly who: string; uses(one: Vendor): boolean }[] = [
  { kinds: ["cell", "shared"], who: "cells and prod need it", uses: ({ hosting }) => hosting !== undefined },
  { kinds: ["shared", "plesk"], who: "prod and prod-plesk need it", uses: ({ dns }) => dns !== undefined },
  { kinds: ["shared"], who: "prod needs it", uses: (one) => one === SECRETS },
];

/** A vendor that stacks call, and why. */
export interface UsedVendor {
  readonly vendor: Vendor;
  readonly who: string;
}

/** The vendors that these kinds of stack call with a token. Pure. */
export function usedVendors({ zones }: Pick<Catalog, "zones">, kinds: ReadonlySet<StackKind>): UsedVendor[] {
  const managed = new Set(zones.flatMap(({ mode, dns }) => (mode === "skip" ? [] : [dns])));
  return VENDORS.flatMap((vendor) => {
    const use = USES.find(({ uses }) => uses(vendor));
    if (vendor.credentials === undefined || !use?.kinds.some((kind) => kinds.has(kind))) return [];
    return vendor.dns !== undefined && !managed.has(vendor.name) ? [] : [{ vendor, who: use.who }];
  });
}

/** What is wrong with a token's text wherever it is used. Pure. */
function wrongText(token: string): string | undefined {
  if (/[\r\n]/.test(token)) return "holds a line break";
  if (/\s/.test(token)) return "holds a space";
  if (/^(["']).*\1$/.test(token)) return "stands in quotes that are part of it";
  return /[^\x21-\x7e]/.test(token) ? "holds a character that no token has" : undefined;
}

/** Tokens that the vendors' providers take from the environment. Pure but for PATH. */
export function tokenLines(used: readonly UsedVendor[], env: NodeJS.ProcessEnv): Line[] {
  const set = (names: readonly string[]) => names.every((name) => (env[name] ?? "") !== "");
  return used.map(({ vendor: { name, credentials }, who }) => {
    const id = `tokens.${name}`;
    const { variable = "", instead = [], program, check } = credentials ?? {};
    const token = env[variable] ?? "";
    const todo = `read -rs ${variable} && export ${variable}`;
    const wrong = token === "" ? undefined : (wrongText(token) ?? check?.(token));
    if (wrong !== undefined) return fault(id, `${variable} ${wrong}`, todo);
    if (token !== "") return ok(id, `${variable} is set`);
    const other =
      instead.find(set)?.[0] ?? (program !== undefined && programOnPath(program, env.PATH ?? "") ? program : undefined);
    return other === undefined
      ? fault(id, `${variable} is not set: ${who}`, todo)
      : ok(id, `${other} in place of ${variable}`);
  });
}

/**
 * Where the vendors are called. Some on this machine and some in the world is half a sandbox: nothing of such a run is what it
 * seems. Pure.
 */
export function addressLines(used: readonly UsedVendor[], env: NodeJS.ProcessEnv): Line[] {
  const id = "addresses";
  const at = used.flatMap(({ vendor: { title, api } }) => {
    const given = api === undefined ? "" : (env[api.variable] ?? "");
    return api === undefined
      ? []
      : [{ title, variable: api.variable, given, here: URL.canParse(given) && isHere(given) }];
  });
  const [broken] = at.filter(({ given }) => given !== "" && !URL.canParse(given));
  if (broken !== undefined) return [fault(id, `${broken.variable} is no address`, `unset ${broken.variable}`)];
  const here = at.filter(({ here }) => here);
  if (here.length === 0 || here.length === at.length) {
    return [
      ok(id, here.length === 0 ? "the vendors' own, but for what is set on purpose" : "all on this machine: a sandbox"),
    ];
  }
  const names = here.map(({ variable }) => variable);
  const rest = at.filter(({ here }) => !here).map(({ title }) => title);
  const says = `${names.join(", ")} ${names.length === 1 ? "leads" : "lead"} to this machine, and ${rest.join(", ")} would be called in the world`;
  return [warning(id, says, `unset ${names.join(" ")}, or open another shell`)];
}

function isHere(address: string): boolean {
  const host = new URL(address).hostname.replace(/^\[|\]$/g, "");
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    (isIP(host) === 4 && host.startsWith("127.")) ||
    host === "::1"
  );
}
