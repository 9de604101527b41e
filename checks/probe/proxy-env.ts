// proxy-from-env reads the environment of the process alone, but each operation has an environment of its own.
/** A proxy as it is called. */
export interface ProxyServer {
  readonly url: URL;
  /** `user:password`. */
  readonly login?: string;
}

/** The proxy that the environment names for a host, as curl reads it; NO_PROXY takes names, suffixes and `*`. Pure. */
export function proxyFor(host: string, secure: boolean, env: NodeJS.ProcessEnv): ProxyServer | undefined {
  const text = secure ? env.HTTPS_PROXY || env.https_proxy || "" : env.http_proxy || env.HTTP_PROXY || "";
  if (text === "" || isExempt(host, env.NO_PROXY || env.no_proxy || "")) return undefined;
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  const login =
    url.username === "" ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = "";
  url.password = "";
  return { url, login };
}

function isExempt(host: string, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      const name = entry.replace(/^\*?\./, "").replace(/:\d+$/, "");
      return entry === "*" || host === name || host.endsWith(`.${name}`);
    });
}
