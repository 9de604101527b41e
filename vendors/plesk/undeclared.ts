import type { local } from "@pulumi/command";
import { declared, left, type UndeclaredOf } from "../../components/undeclared/types.ts";

/** `command:local:Command`, read in pulumi-command 1.2.1; nothing is sent anywhere but to the command. */
export const localCommand = {
  addPreviousOutputInEnv: declared(
    "default",
    "false: the output may be secret, and an environment is not; the provider's default is true",
  ),
  archivePaths: left("nothing", "the driver brings its own files"),
  assetPaths: left("nothing", "the driver brings its own files"),
  create: declared("nothing", "the transaction"),
  delete: declared("nothing", "takes the service out of service, deletes nothing"),
  dir: left("nothing", "the project's root, where the engine starts its providers"),
  environment: left("nothing", "nothing secret is in an environment"),
  interpreter: left("default", "/bin/sh -c"),
  logging: declared("default", "none: one line over 64 KiB hangs the provider; its default logs both streams"),
  stdin: declared("nothing", "the whole document, secret"),
  triggers: left("nothing", "a change would run the old one's delete after the new one's create"),
  update: declared("nothing", "the transaction"),
} satisfies UndeclaredOf<local.CommandArgs>;
