import { parse } from "tldts";
import { badRequest } from "../errors.ts";

/** One label of a host name (RFC 1123). */
const LABEL = /^[a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** A domain name as the API keeps it: lower case, checked; a leading `*.` is a wildcard. @throws ApiError 400 */
export function readDomainName(given: string): string {
  const name = given.trim().toLowerCase();
  const plain = name.startsWith("*.") ? name.slice(2) : name;
  const labels = plain.split(".");
  if (labels.length < 2 || plain.length > 253 || !labels.every((label) => LABEL.test(label))) {
    throw badRequest(`The domain name "${given}" is not valid.`);
  }
  return name;
}

/** The registrable domain of a name, `qmoney.de` of `*.shop.qmoney.de`. */
export function apexOf(name: string): string {
  const plain = name.startsWith("*.") ? name.slice(2) : name;
  return parse(plain).domain ?? plain;
}

/** The wildcard that covers a host: `*.qmoney.de` for `shop.qmoney.de`. It covers one label, as its certificate does. */
export function wildcardOf(host: string): string {
  return `*.${host.slice(host.indexOf(".") + 1)}`;
}

/** True when a list of hosts and `*.zone` patterns holds the host. */
export function listed(list: readonly string[], host: string): boolean {
  return list.some((entry) => entry === host || (entry.startsWith("*.") && host.endsWith(entry.slice(1))));
}
