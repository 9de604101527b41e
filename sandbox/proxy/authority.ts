import { webcrypto } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
// The x509 library registers its algorithms through decorators and does not load without it.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

type CryptoKey = webcrypto.CryptoKey;
const crypto = webcrypto;
x509.cryptoProvider.set(crypto);

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY = 86_400_000;
/** Lifetime of the authority and of what it signs, in days; made anew when less than a week is left. */
const LIFETIME = 90;
const RENEW = 7;

/** Key and certificate of one host, PEM. */
interface HostCertificate {
  readonly key: string;
  readonly cert: string;
}

/** A throw-away certificate authority that can sign for its hosts and, by name constraints, for no others. */
export interface Authority {
  /** File with the authority's certificate, for SSL_CERT_FILE. */
  readonly caFile: string;
  /** The certificate itself, PEM. */
  readonly ca: string;
  /** Signs for one host. */
  issue(host: string): Promise<HostCertificate>;
}

/**
 * Takes the authority kept in `dir`, or makes one when there is none, it is about to expire, or it was made for other
 * hosts. It is kept so that clients started before a restart of the sandbox still trust it.
 */
export async function loadAuthority(
  dir: string,
  hosts: readonly string[],
  now: number = Date.now(),
): Promise<Authority> {
  const caFile = join(dir, "ca.pem");
  const keyFile = join(dir, "ca.key");
  await mkdir(dir, { recursive: true });
  const kept = await readAuthority(caFile, keyFile, hosts, now);
  const { certificate, keys } = kept ?? (await makeAuthority(hosts, now));
  if (kept === undefined) {
    // The key first: a certificate without its key would be taken for a whole authority.
    await replace(keyFile, await exportKey(keys.privateKey), 0o600);
    await replace(caFile, `${certificate.toString("pem")}\n`, 0o644);
  }
  return {
    caFile,
    ca: certificate.toString("pem"),
    issue: (host) => issue(certificate, keys.privateKey, host, now),
  };
}

interface Material {
  readonly certificate: x509.X509Certificate;
  readonly keys: { readonly privateKey: CryptoKey };
}

async function makeAuthority(hosts: readonly string[], now: number): Promise<Material> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serial(),
      name: "CN=sitefleet sandbox (throw-away)",
      ...validity(now),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
        nameConstraints(hosts),
      ],
    },
    crypto,
  );
  return { certificate, keys };
}

async function issue(
  authority: x509.X509Certificate,
  signingKey: CryptoKey,
  host: string,
  now: number,
): Promise<HostCertificate> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serial(),
      subject: `CN=${host}`,
      issuer: authority.subject,
      ...validity(now),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: "dns", value: host }]),
        await x509.AuthorityKeyIdentifierExtension.create(authority, false, crypto),
      ],
    },
    crypto,
  );
  // The authority goes along: a browser is told by its key alone whom to trust.
  const chain = `${certificate.toString("pem")}\n${authority.toString("pem")}`;
  return { key: await exportKey(keys.privateKey), cert: chain };
}

/** From an hour ago, so that a clock that is a little behind does not refuse it. */
function validity(now: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - 3_600_000), notAfter: new Date(now + LIFETIME * DAY) };
}

/** Sixteen random bytes, positive. */
function serial(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return Buffer.from(bytes).toString("hex");
}

const NAME_CONSTRAINTS = "2.5.29.30";

/** `permittedSubtrees` of RFC 5280 §4.2.1.10, one a host; the x509 library has no class for this extension. */
function nameConstraints(hosts: readonly string[]): x509.Extension {
  const subtrees = hosts.map((host) => der(0x30, der(0x82, Buffer.from(host, "ascii"))));
  return new x509.Extension(NAME_CONSTRAINTS, true, new Uint8Array(der(0x30, der(0xa0, Buffer.concat(subtrees)))));
}

/** One DER element: tag, length, content (up to 64 KiB). */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

async function readAuthority(
  caFile: string,
  keyFile: string,
  hosts: readonly string[],
  now: number,
): Promise<Material | undefined> {
  try {
    const certificate = new x509.X509Certificate(await readFile(caFile, "utf8"));
    const constraints = certificate.getExtension(NAME_CONSTRAINTS)?.value;
    const wanted = nameConstraints(hosts).value;
    const same = constraints !== undefined && Buffer.from(constraints).equals(Buffer.from(wanted));
    if (!same || certificate.notAfter.getTime() - now < RENEW * DAY) return undefined;
    const [der] = x509.PemConverter.decode(await readFile(keyFile, "utf8"));
    if (der === undefined) return undefined;
    const privateKey = await crypto.subtle.importKey("pkcs8", der, ALGORITHM, true, ["sign"]);
    return { certificate, keys: { privateKey } };
  } catch {
    // Missing or damaged: it is thrown away anyway, so a new one takes its place.
    return undefined;
  }
}

async function exportKey(key: CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

async function replace(file: string, text: string, mode: number): Promise<void> {
  await writeFile(`${file}.tmp`, text, { mode });
  await chmod(`${file}.tmp`, mode);
  await rename(`${file}.tmp`, file);
}
