import { isIP } from "node:net";

/** Hosts that the Vercel provider calls and that the sandbox answers for. */
export const VERCEL_HOSTS = ["api.vercel.com", "api-frameworks.zeit.sh", "dcs.vercel-infra.com"] as const;

/** What the proxy does with a CONNECT. */
export type Decision =
  | { readonly kind: "terminate"; readonly host: string }
  | { readonly kind: "tunnel"; readonly host: string; readonly port: number }
  | { readonly kind: "refuse"; readonly host: string };

/**
 * Decides about an authority such as `api.vercel.com:443`: the sandbox's own hosts are answered, loopback is tunnelled
 * (HTTPS_PROXY applies to every call of a plugin), everything else is refused, so that nothing leaves the machine.
 */
export function decide(authority: string, hosts: readonly string[]): Decision {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(authority);
  const host = (parts?.[1] ?? parts?.[2] ?? authority).toLowerCase();
  const port = Number(parts?.[3]);
  if (parts === null || port < 1 || port > 65_535) return { kind: "refuse", host };
  if (port === 443 && hosts.includes(host)) return { kind: "terminate", host };
  return isLoopback(host) ? { kind: "tunnel", host, port } : { kind: "refuse", host };
}

/** True for names and addresses of this machine. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  const version = isIP(host);
  return version === 4 ? host.startsWith("127.") : version === 6 && host === "::1";
}
