import { type Catalog, FIRST, loginOf, type SecretEntry } from "../../model/index.ts";
import type { SecretState } from "./types.ts";

/** Where the value of a secret comes from, and which of its values is in use. Pure. */
export function secretState(catalog: Catalog, entry: SecretEntry): SecretState {
  const { name } = entry;
  if (entry.database?.part === "user") {
    const service = catalog.services.find(({ key }) => key === entry.database?.service);
    const { user = `svc_${entry.database.service}`, engine = "mariadb", passwordSecret } = service?.database ?? {};
    const password = catalog.secrets.entries.find((one) => one.name === passwordSecret);
    const { current, window } = password?.rotation ?? FIRST;
    const follows = current > 1 && passwordSecret !== undefined ? { follows: passwordSecret } : {};
    return { name, source: "fixed", value: loginOf(user, engine, current, { window }), ...follows };
  }
  if (entry.source === "database" || entry.source === "generated") {
    const { current, next, retired } = entry.rotation ?? FIRST;
    const other = next ?? retired;
    // Passwords end up in connection strings and shells: hex needs no quoting anywhere.
    const encoding = entry.source === "database" ? "hex" : "base64";
    return {
      name,
      source: "generated",
      bytes: entry.bytes ?? 32,
      encoding,
      ...(current === 1 ? {} : { generation: current }),
      ...(other === undefined ? {} : { other }),
    };
  }
  return { name, source: "config", value: entry.value };
}
