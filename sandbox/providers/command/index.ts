import { defineProvider } from "../framework/index.ts";
import { copyToRemote } from "./copy.ts";
import { localCommand, localRun } from "./local.ts";
import { remoteCommand } from "./remote.ts";

/**
 * Stand-in for pulumi-command 1.2.1, which really runs commands. It does not hang on output lines over 64 KiB as the
 * real one does, closes its SSH connections, and has neither `archivePaths` nor the deprecated `CopyFile`.
 */
export const command = defineProvider<undefined>({
  name: "command",
  version: "1.2.1",
  config: {},
  configure: () => undefined,
  resources: {
    "command:local:Command": localCommand,
    "command:remote:Command": remoteCommand,
    "command:remote:CopyToRemote": copyToRemote,
  },
  functions: { "command:local:run": localRun },
});
