import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import type { Socket } from "node:net";
import type { ProxyServer } from "./proxy-env.ts";

// https-proxy-agent gives an agent for requests; a check needs the socket, with a time for each stage and the proxy's refusal by code.
/** A connection through a proxy (CONNECT). @throws Error with code `PROXY_REFUSED`, or the network's */
export function openTunnel(proxy: ProxyServer, host: string, port: number, timeoutMs: number): Promise<Socket> {
  const { url, login } = proxy;
  const target = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const start = url.protocol === "https:" ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const call = start({
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port || (url.protocol === "https:" ? 443 : 80),
      method: "CONNECT",
      path: target,
      timeout: timeoutMs,
      headers: {
        host: target,
        ...(login && { "proxy-authorization": `Basic ${Buffer.from(login).toString("base64")}` }),
      },
    });
    call.once("connect", (response, socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(Object.assign(new Error(`the proxy answers ${response.statusCode}`), { code: "PROXY_REFUSED" }));
    });
    // A proxy that takes CONNECT for an ordinary request answers it.
    call.once("response", (response) => {
      response.destroy();
      reject(Object.assign(new Error(`the proxy answers ${response.statusCode}`), { code: "PROXY_REFUSED" }));
    });
    call.once("timeout", () => call.destroy(Object.assign(new Error("the proxy is silent"), { code: "TIMEOUT" })));
    call.once("error", reject);
    call.end();
  });
}
