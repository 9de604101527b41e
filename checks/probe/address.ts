import { isIPv6 } from "node:net";
import { SitefleetError } from "../../errors/index.ts";

/** Where a connection goes in place of what DNS says. */
export interface Address {
  readonly host: string;
  /** Undefined: the port that is asked for. */
  readonly port?: number;
  /** Speak in clear there, also where the address asked for says https. */
  readonly clear?: boolean;
}

/** An address for every port, or by the port that is asked for (0 = any other). */
export type AddressOverride = ReadonlyMap<number, Address>;

/** An address, optionally with a port, IPv6 in brackets. */
const PLACE = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/;

/**
 * Reads `host`, `host:port`, `http://host:port` (everything is spoken in clear), or `PORT=host:port,…` by the port that
 * is asked for. Pure.
 *
 * @throws SitefleetError `health.address`
 */
export function parseAddress(text: string, subject: string): AddressOverride {
  const entries = text.split(",").map((part): readonly [number, Address] => {
    const [, asked, rest = ""] = /^\s*(?:(\d{1,5})=)?(.*?)\s*$/.exec(part) ?? [];
    const [, scheme, place = ""] = /^(https?:\/\/)?(.*?)\/?$/.exec(rest) ?? [];
    const [, host, port] = PLACE.exec(place) ?? [];
    if (host === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) throw wrong(subject, part);
    const bare = host.replace(/^\[|\]$/g, "");
    if (host.startsWith("[") !== isIPv6(bare)) throw wrong(subject, part);
    return [
      Number(asked ?? 0),
      {
        host: bare,
        port: port === undefined ? undefined : Number(port),
        clear: scheme === "http://" || undefined,
      },
    ];
  });
  const override = new Map(entries);
  if (override.size !== entries.length) throw wrong(subject, text);
  return override;
}

/** The address for a port; undefined when the override does not speak of it. Pure. */
export function addressFor(override: AddressOverride | undefined, port: number): Address | undefined {
  return override?.get(port) ?? override?.get(0);
}

function wrong(subject: string, part: string): SitefleetError {
  return new SitefleetError({
    code: "health.address",
    message: `${JSON.stringify(part)} is no address`,
    subject,
    hint: "host, host:port, http://host:port, or PORT=host:port with commas, e.g. 80=127.0.0.1:8080,443=127.0.0.1:8443",
  });
}
