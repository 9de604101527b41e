import { PleskService } from "../components/plesk-service/plesk-service.ts";
import type { Declared } from "./declared.ts";
import type { PleskState } from "./desired.ts";
import { makeProviders } from "./providers.ts";
import { readSettings } from "./settings.ts";
import { openShared } from "./shared-outputs.ts";

/** The secrets that say how to reach the host; all with source `config` (catalog/secrets.yaml). */
const CONNECTION_SECRETS = ["SSH_HOST", "SSH_USER", "SSH_PRIVATE_KEY"];

/** The program of the Plesk host: its services. */
export async function pleskProgram(state: PleskState): Promise<Declared> {
  const settings = readSettings(["sshHostKey"], CONNECTION_SECRETS);
  const providers = await makeProviders(settings, ["cloudflare", "command"]);
  const shared = await openShared(["zones", "secrets"]);
  const secret = (name: string) => settings.secrets.apply((all) => all[name] ?? "");
  const connection = {
    address: secret("SSH_HOST"),
    port: settings.secrets.apply((all) => Number(all.SSH_PORT ?? state.sshPort)),
    user: secret("SSH_USER"),
    privateKey: secret("SSH_PRIVATE_KEY"),
    hostKey: settings.sshHostKey,
  };
  for (const { key, zone, env, ...spec } of state.services) {
    const values = Object.fromEntries(Object.entries(env).map(([name, from]) => [name, shared.get("secrets", from)]));
    const zoneId = zone === undefined ? {} : { zoneId: shared.get("zones", zone) };
    new PleskService(key, { key, ...spec, ...zoneId, connection, env: values }, { providers });
  }
  return { outputs: { services: state.services.length }, shared: shared.values };
}
