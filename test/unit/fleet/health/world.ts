import { webcrypto } from "node:crypto";
import { createSocket } from "node:dgram";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { afterAll } from "vitest";
import type { Target } from "../../../../fleet/health/index.ts";
import { layered } from "../../../../model/index.ts";

type Check = Target["check"];
x509.cryptoProvider.set(webcrypto);
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY = 86_400_000;
let issued = 0;
const serial = () => String(++issued).padStart(10, "1");

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

/** Key and certificate, PEM. */
export interface Pair {
  readonly key: string;
  readonly cert: string;
}

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
const keyText = async (keys: { privateKey: webcrypto.CryptoKey }) =>
  x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");

/** A certificate authority of a test's own. */
export async function authority(): Promise<{
  readonly caFile: string;
  issue(host: string, days?: { from?: number; until?: number }): Promise<Pair>;
}> {
  const keys = await newKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=authority ${serial()}`,
    notBefore: new Date(Date.now() - 400 * DAY),
    notAfter: new Date(Date.now() + 400 * DAY),
    signingAlgorithm: ALGORITHM,
    keys: keys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const caFile = join(mkdtempSync(join(tmpdir(), "health-ca-")), "ca.pem");
  writeFileSync(caFile, ca.toString("pem"));
  return {
    caFile,
    async issue(host, { from = -1, until = 60 } = {}) {
      const own = await newKeys();
      const cert = await x509.X509CertificateGenerator.create({
        serialNumber: serial(),
        subject: `CN=${host}`,
        issuer: ca.subject,
        notBefore: new Date(Date.now() + from * DAY),
        notAfter: new Date(Date.now() + until * DAY),
        signingAlgorithm: ALGORITHM,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: host }])],
      });
      return { key: await keyText(own), cert: cert.toString("pem") };
    },
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A server on loopback. @returns its port */
export const plainServer = (listener: RequestListener): Promise<number> => listening(createServer(listener));

/** The same over TLS. */
export const secureServer = (pair: Pair, listener: RequestListener): Promise<number> =>
  listening(createTlsServer(pair, listener));

/** A port on which nobody listens. */
export async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * A name server on loopback that answers A questions.
 *
 * @param answer An IPv4 address, `absent` (NXDOMAIN), `broken` (SERVFAIL), `half` (no IPv4 address, broken for IPv6) or `silent`
 * @returns its address, for `resolvers`
 */
export async function nameServer(answer: string): Promise<string> {
  const socket = createSocket("udp4");
  socket.on("message", (question, from) => {
    if (answer === "silent") return;
    const end = question.indexOf(0, 12) + 5;
    const type = question.readUInt16BE(end - 4);
    const broken = answer === "broken" || (answer === "half" && type === 28);
    const code = answer === "absent" ? 3 : broken ? 2 : 0;
    const answers = code === 0 && type === 1 && answer !== "half" ? 1 : 0;
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(0x8180 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(answers, 6);
    head.writeUInt32BE(0, 8);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...answer.split(".").map(Number)]);
    const parts = [head, question.subarray(12, end), ...(answers === 1 ? [record] : [])];
    socket.send(Buffer.concat(parts), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  closing.push(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

/** A target. */
export function target(check: Partial<Check> = {}, more: Partial<Target> = {}): Target {
  const host = more.host ?? "quiz.example.test";
  return {
    id: host,
    kind: "site",
    host,
    origin: `https://${host}`,
    zone: "example.test",
    cell: "00",
    check: { ...layered([]), tries: 1, timeoutSeconds: 5, ...check },
    expected: {},
    ...more,
  };
}
