import { defineProvider } from "../framework/index.ts";
import { copyToRemote } from "./copy.ts";
import { localCommand, localRun } from "./local.ts";
import { remoteCommand } from "./remote.ts";

/**
 * Stand-in for pulumi-command 1.2.1, which really runs commands, remote ones with the machine's `ssh` and `sftp`. It does
 * not hang on output lines over 64 KiB as the real one does, closes its SSH connections, shows no output while a command
 * runs (`logging` changes nothing), and has neither `archivePaths` nor the deprecated `CopyFile`. Served by a process that
 * outlives engines, a command without `dir` runs in that process's directory and with its environment, not the program's.
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
