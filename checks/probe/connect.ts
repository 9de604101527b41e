import { isIP, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { buildConnector } from "undici";
import type { Certificate, NameAnswer, Stage } from "../types.ts";
import { addressFor } from "./address.ts";
import { openTunnel } from "./tunnel.ts";
import type { Way } from "./way.ts";

/** Time for one of several addresses before the next is tried as well, ms. Node's 250 is too short when hundreds connect. */
const NEXT_ADDRESS_MS = 1_000;

/** What a connection is noted in while it comes about. */
export interface Facts {
  stage: Stage;
  name?: NameAnswer;
  remote?: string;
  certificate?: Certificate;
  nameMs?: number;
  connectMs?: number;
  /** When it stood, by `performance.now()`. */
  connectedAt?: number;
}

type Options = buildConnector.Options;
type Callback = buildConnector.Callback;

/**
 * A connector of undici that goes a vantage's way and notes what it meets.
 *
 * @param verify Nothing is sent over a connection whose certificate is not to be trusted
 */
export function connectorOf(way: Way, facts: Facts, verify: boolean, timeoutMs: number): buildConnector.connector {
  return (options: Options, callback: Callback) => {
    connect(way, facts, options, timeoutMs).then(
      (socket) => {
        const secure = socket instanceof TLSSocket;
        if (secure) note(socket, facts);
        if (secure && verify && facts.certificate?.problem !== undefined) {
          socket.destroy();
          const code = facts.certificate.problem;
          callback(Object.assign(new Error(`certificate: ${code}`), { code }), null);
          return;
        }
        facts.stage = "answer";
        facts.connectedAt = performance.now();
        callback(null, socket);
      },
      (error: Error) => callback(error, null),
    );
  };
}

async function connect(way: Way, facts: Facts, options: Options, timeout: number): Promise<Socket> {
  const started = performance.now();
  const secure = options.protocol === "https:";
  const host = options.hostname.replace(/^\[|\]$/g, "");
  const asked = Number(options.port) || (secure ? 443 : 80);
  const proxy = way.proxy(host, secure);
  const common = { timeout, allowH2: false, maxCachedSessions: 0 };
  const trust = { secureContext: way.trust, rejectUnauthorized: false };
  if (proxy) {
    facts.stage = "proxy";
    facts.name = { by: "proxy", addresses: [] };
    const socket = await openTunnel(proxy, host, asked, timeout);
    facts.remote = `proxy ${proxy.url.host}`;
    if (secure) facts.stage = "tls";
    const made = secure
      ? await finished(buildConnector({ ...common, ...trust }), { ...options, httpSocket: socket })
      : socket;
    facts.connectMs = performance.now() - started;
    return made;
  }
  facts.stage = "name";
  const address = addressFor(way.override, asked);
  const found = await way.resolve(address?.host ?? host);
  facts.name = address === undefined ? found : { by: "override", addresses: found.addresses };
  facts.nameMs = performance.now() - started;
  facts.stage = "connect";
  const addresses = found.addresses.map((text) => ({ address: text, family: isIP(text) }));
  const lookup: LookupLike = (_name, { all }, done) => {
    const [first] = addresses;
    if (all) done(null, addresses);
    else done(null, first?.address ?? "", first?.family ?? 4);
  };
  const connector = buildConnector({
    ...common,
    ...(secure ? trust : {}),
    lookup,
    autoSelectFamily: addresses.length > 1,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
  });
  const place = { ...options, hostname: address?.host ?? host, port: String(address?.port ?? asked) };
  const socket = await finished(connector, place, () => {
    if (secure) facts.stage = "tls";
  });
  facts.connectMs = performance.now() - started - facts.nameMs;
  facts.remote = `${socket.remoteAddress ?? ""}:${socket.remotePort ?? ""}`;
  return socket;
}

type LookupLike = (
  name: string,
  options: { readonly all?: boolean | undefined },
  done: (error: null, address: string | { address: string; family: number }[], family?: number) => void,
) => void;

/** The connector as a promise; `reached` is called when the TCP connection stands. */
function finished(connector: buildConnector.connector, options: Options, reached?: () => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // Undici's connectors return the socket that they are opening, though their type does not say so.
    const opening = connector(options, (error, socket) =>
      error ? reject(error) : resolve(socket as Socket),
    ) as unknown;
    if (reached) (opening as Socket | undefined)?.once?.("connect", reached);
  });
}

function note(socket: TLSSocket, facts: Facts): void {
  const shown = socket.getPeerX509Certificate();
  if (shown === undefined) return;
  // Node gives an error object or its code, depending on what is wrong.
  const error = socket.authorizationError as { code?: string } | string | null | undefined;
  const code = typeof error === "string" ? error : error?.code;
  facts.certificate = {
    subject: oneLine(shown.subject),
    issuer: oneLine(shown.issuer),
    names: (shown.subjectAltName ?? "").split(", ").map((name) => name.replace(/^DNS:|^IP Address:/, "")),
    from: shown.validFromDate.getTime(),
    until: shown.validToDate.getTime(),
    problem: socket.authorized ? undefined : (code ?? "UNTRUSTED"),
  };
}

const oneLine = (name: string | undefined): string => (name ?? "").replaceAll("\n", ", ").slice(0, 200);
