import type { Api } from "../api.ts";

/** Milliseconds. */
export const HOUR = 3_600_000;

/** Visits of hosts in some time. */
export interface Traffic {
  readonly requests: number;
  readonly bytes: number;
}

/** A host with the project it belongs to. */
export interface Host {
  readonly host: string;
  readonly projectId: string;
  readonly createdAt: number;
}

/** Counts one visit of a host. */
export function recordVisit(api: Api, host: string, bytes: number): void {
  const key = trafficKey(host, Math.floor(api.now() / HOUR));
  const figures = api.store.traffic.get(key) ?? [0, 0];
  api.store.traffic.set(key, [figures[0] + 1, figures[1] + bytes]);
  api.store.touch("traffic", key);
  api.context.changed();
}

/** Domains of an account, each with its project. */
export function hostsOf(api: Api, ownerId: string): Host[] {
  const hosts: Host[] = [];
  for (const { name, projectId, createdAt } of api.store.domains.values()) {
    if (api.store.projects.get(projectId)?.ownerId === ownerId) hosts.push({ host: name, projectId, createdAt });
  }
  return hosts;
}

/**
 * Visits of a host in the hours `from` (inclusive) to `to` (exclusive), counted since 1970: those recorded and those
 * that the configuration makes up for the time the host exists.
 */
export function trafficBetween(api: Api, { host, createdAt }: Host, from: number, to: number): Traffic {
  const { requestsPerHostDay, bytesPerRequest, hours } = api.behaviour().traffic;
  const recorded = api.store.traffic.size > 0;
  const total = hours.reduce((sum, weight) => sum + weight, 0);
  const last = Math.floor(api.now() / HOUR);
  const first = Math.floor(createdAt / HOUR);
  let requests = 0;
  let bytes = 0;
  for (let hour = from; hour < to; hour += 1) {
    const counted = recorded ? api.store.traffic.get(trafficKey(host, hour)) : undefined;
    if (counted !== undefined) {
      requests += counted[0];
      bytes += counted[1];
    }
    if (requestsPerHostDay === 0 || total === 0 || hour < first || hour > last) continue;
    const made = Math.round((requestsPerHostDay * (hours[hour % hours.length] ?? 0)) / total);
    requests += made;
    bytes += made * bytesPerRequest;
  }
  return { requests, bytes };
}

function trafficKey(host: string, hour: number): string {
  return `${host}|${hour}`;
}
