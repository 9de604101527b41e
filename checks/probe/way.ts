import { readFileSync } from "node:fs";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import type { Vantage } from "../../model/index.ts";
import { type AddressOverride, parseAddress } from "./address.ts";
import { type Resolve, resolverOf } from "./names.ts";
import { type ProxyServer, proxyFor } from "./proxy-env.ts";

/** A vantage, opened. */
export interface Way {
  readonly name: string;
  readonly override?: AddressOverride;
  /** The proxy that leads to a host; undefined when none does. */
  proxy(host: string, secure: boolean): ProxyServer | undefined;
  readonly resolve: Resolve;
  /** Whose certificates are trusted. */
  readonly trust: SecureContext;
}

/** The vantage of a run for which none is declared. */
export const HERE: Vantage = { name: "here" };

/**
 * Opens a vantage. What it leaves out comes from the environment: SITEFLEET_RESOLVE (address), HTTPS_PROXY, HTTP_PROXY and
 * NO_PROXY; certificates of SITEFLEET_CA_FILE are trusted beside the usual ones.
 *
 * @throws SitefleetError `health.address`, `health.ca`, `health.proxy-login`
 */
export function openVantage(vantage: Vantage = HERE, env: NodeJS.ProcessEnv = environment()): Way {
  const text = vantage.address ?? (vantage.proxy === undefined ? env.SITEFLEET_RESOLVE : undefined);
  const subject = vantage.address === undefined ? "SITEFLEET_RESOLVE" : `vantage ${vantage.name}`;
  const override = text ? parseAddress(text, subject) : undefined;
  const declared = vantage.proxy === undefined ? undefined : declaredProxy(vantage, vantage.proxy, env);
  return {
    name: vantage.name,
    override,
    proxy: (host, secure) => declared ?? (override === undefined ? proxyFor(host, secure, env) : undefined),
    resolve: resolverOf(vantage.resolvers),
    trust: trustOf(env.SITEFLEET_CA_FILE),
  };
}

function declaredProxy({ name, proxyLogin }: Vantage, url: string, env: NodeJS.ProcessEnv): ProxyServer {
  if (proxyLogin === undefined) return { url: new URL(url) };
  const login = env[proxyLogin];
  if (login) return { url: new URL(url), login };
  throw new SitefleetError({
    code: "health.proxy-login",
    message: `the environment has no ${proxyLogin}`,
    subject: `vantage ${name}`,
    hint: `set ${proxyLogin} to user:password of the proxy`,
  });
}

const contexts = new Map<string, SecureContext>();

/** One context for all connections: each would read all certificates anew. */
function trustOf(file: string | undefined): SecureContext {
  const key = file ?? "";
  const known = contexts.get(key);
  if (known) return known;
  let context: SecureContext;
  try {
    context = createSecureContext(file ? { ca: [...rootCertificates, readFileSync(file, "utf8")] } : {});
  } catch (cause) {
    throw new SitefleetError({
      code: "health.ca",
      message: "the certificates cannot be read",
      subject: file ?? "",
      hint: "SITEFLEET_CA_FILE names a file with certificates in PEM",
      cause,
    });
  }
  contexts.set(key, context);
  return context;
}
