import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../../environment/index.ts";
import { KEEPER_PATH, keeperAnswer, keeperConfig, keeperEnv } from "../secrets/keeper.ts";
import type { StackKey } from "../secrets/stack-key.ts";
import { isStateOf } from "../store/copy-place.ts";
import { Exports } from "./exports.ts";
import { on } from "./reading.ts";
import type { LoopbackServer, Route } from "./server.ts";
import type { Left } from "./state-part.ts";

/** The stack that a service serves to an engine. */
export interface ServedStack {
  /** Directory with the engine's states. */
  readonly dir: string;
  /** Of other stacks only their outputs are answered. */
  readonly stack: string;
  /** The configuration file of all stacks, absolute. */
  readonly configFile: string;
  /** The key of the stacks' secrets, which the run has made once. @default the engine makes it */
  readonly key?: StackKey | undefined;
  /**
   * Digest of the state that the stack's last update left. Where it is that to the letter, the engine takes a resource whose declaration is
   * unchanged for unchanged, and does not ask its plugin. Another attempt, or a person, leaves another state. Only with a key. @default it asks
   */
  readonly settled?: string | undefined;
  /** Sites of a cell that the operation is limited to: of other sites the engine is given nothing, where that is safe. @default all */
  readonly sites?: readonly string[] | undefined;
  /** Told what the engine is not given, where that is something, when it asks for the state. */
  readonly onLeft?: ((left: Left) => void) | undefined;
}

/** What a service has for the key of its engine. */
export interface Kept {
  /** Undefined where the engine makes it: none is there, or the configuration names it in another way. */
  readonly key: StackKey | undefined;
  /** The states, as they are answered. */
  readonly exports: Exports;
  readonly routes: readonly Route[];
  /**
   * Makes what the engine is given.
   *
   * @param folder of the engine's own, for this user alone, which exists
   */
  files(folder: string, server: LoopbackServer): EngineFiles;
}

/** What an engine is given. */
export interface EngineFiles {
  readonly env: Readonly<Record<string, string>>;
  /** The configuration file that it is to read. */
  readonly configFile: string;
}

/** What has the engine not ask (`UseLegacyDiff` in pulumi's pkg/resource/deploy/step_generator.go, 3.276). */
const BY_DECLARATION = { PULUMI_ENABLE_LEGACY_DIFF: "true" };

/** Prepares what the engine of a stack is given, with the run's key where that is possible. */
export function keeping({ dir, stack, configFile, key, settled, sites, onLeft }: ServedStack): Kept {
  const config = key && keeperConfig(readFileSync(configFile, "utf8"), key);
  const given = config === undefined ? undefined : key;
  // Without the key no preview asks a service, and an update would leave out what its review has shown.
  const isSettled = () => settled !== undefined && key !== undefined && isStateOf(dir, stack, settled);
  return {
    key: given,
    exports: new Exports({ dir, stack, key: given, sites, onLeft }),
    routes: given ? [on("PUT", KEEPER_PATH, () => keeperAnswer(given))] : [],
    files(folder, server) {
      const login = join(folder, "login");
      mkdirSync(login, { mode: 0o700 });
      const env = {
        PULUMI_BACKEND_URL: server.url,
        PULUMI_ACCESS_TOKEN: server.token,
        PULUMI_CREDENTIALS_PATH: login,
        ...(isSettled() ? BY_DECLARATION : {}),
      };
      if (config === undefined) return { env, configFile };
      const copy = join(folder, "config.yaml");
      writeFileSync(copy, config, { mode: 0o600 });
      return { env: { ...env, ...keeperEnv(server, environment()) }, configFile: copy };
    },
  };
}
