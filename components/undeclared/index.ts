import {
  dnsRecord,
  environmentSecret,
  localCommand,
  randomPassword,
  repositoryEnvironment,
  zone,
  zoneSetting,
} from "./others.ts";
import type { Undeclared } from "./types.ts";
import { project, projectDomain } from "./vercel.ts";

export type { Undeclared } from "./types.ts";

/**
 * For every resource type of a published provider that components use: each optional input, what the provider sends when
 * it is not declared, and what is done about it. Names are Pulumi's type tokens.
 */
export const UNDECLARED: Readonly<Record<string, Readonly<Record<string, Undeclared>>>> = {
  "vercel:index/project:Project": project,
  "vercel:index/projectDomain:ProjectDomain": projectDomain,
  "cloudflare:index/zone:Zone": zone,
  "cloudflare:index/zoneSetting:ZoneSetting": zoneSetting,
  "cloudflare:index/dnsRecord:DnsRecord": dnsRecord,
  "github:index/repositoryEnvironment:RepositoryEnvironment": repositoryEnvironment,
  "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret": environmentSecret,
  "random:index/randomPassword:RandomPassword": randomPassword,
  "command:local:Command": localCommand,
};

/**
 * Inputs for a resource's `ignoreChanges`: those whose value belongs to a person unless it is declared. Pure.
 *
 * @param args what the component declares
 */
export function ignoredIn(type: string, args: object): string[] {
  const given = args as Readonly<Record<string, unknown>>;
  return Object.entries(UNDECLARED[type] ?? {})
    .filter(([name, { choice }]) => choice === "ignored" && given[name] === undefined)
    .map(([name]) => name);
}

/**
 * True for an input of which nothing is sent when it is not declared: a difference that a provider reports of it is its
 * own bookkeeping and no change. Pure.
 */
export function isSilent(type: string, input: string): boolean {
  const sends = UNDECLARED[type]?.[input]?.sends;
  return sends === "nothing" || sends === "kept" || sends === "off-at-first";
}

/** True when a change of an input, or of a part of it, takes protection away. Pure. */
export function takesProtection(type: string, input: string, old: unknown, next: unknown): boolean {
  return UNDECLARED[type]?.[input]?.weakens?.(old, next) ?? false;
}
