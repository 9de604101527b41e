import spawn, { type SubprocessError } from "nano-spawn";
import { childEnvironment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { findProgram, missingTool } from "./tools.ts";

/** Milliseconds for a question to a local repository. */
const LOCAL_MS = 60_000;
/** Milliseconds for a clone or fetch over the network. */
const NETWORK_MS = 900_000;

/**
 * Runs git in a directory; `args` follow `-C dir`. Resolves to stdout without the newline at its end.
 *
 * @throws SitefleetError `build.git` with the end of what git said
 */
export type Git = (dir: string, args: readonly string[], network?: boolean) => Promise<string>;

/**
 * Makes the runner of git for one build. It uses the user's settings, since they hold the login. Settings that change files or run
 * programs are switched off: hooks, line ends, file system monitors, transports that are commands.
 *
 * @throws SitefleetError `build.tool-missing`
 */
export async function openGit(subject: string, path: readonly string[], signal?: AbortSignal): Promise<Git> {
  const program = await findProgram("git", path, "/");
  if (program === undefined) throw missingTool("git", subject, "reading the source");
  const settings = [
    "core.hooksPath=/dev/null",
    "core.autocrlf=false",
    "core.fsmonitor=false",
    "protocol.ext.allow=never",
  ];
  return async (dir, args, network = false) => {
    try {
      const { stdout } = await spawn(program, [...settings.flatMap((value) => ["-c", value]), "-C", dir, ...args], {
        stdin: "ignore",
        timeout: network ? NETWORK_MS : LOCAL_MS,
        env: {
          ...childEnvironment(),
          GIT_TERMINAL_PROMPT: "0",
          GIT_ALLOW_PROTOCOL: "file:https:ssh",
          GIT_SSH_COMMAND: "ssh -o BatchMode=yes",
          LC_ALL: "C",
          // Set inside hooks of other repositories, they would lead git there.
          GIT_DIR: undefined as unknown as string,
          GIT_WORK_TREE: undefined as unknown as string,
          GIT_INDEX_FILE: undefined as unknown as string,
        },
        signal,
      });
      return stdout;
    } catch (error) {
      const { stderr = "", exitCode } = error as SubprocessError;
      throw new SitefleetError({
        code: "build.git",
        subject,
        message: `git ${args[0]} failed${exitCode === undefined ? " or took too long" : ` (exit ${exitCode})`}`,
        details: stderr.split("\n").slice(-10).map(withoutLogin),
        hint: "look at `build.repository`, `git` and `ref` of the service in services.yaml",
        cause: error,
      });
    }
  };
}

/** A text without user and password in the addresses that it holds. */
function withoutLogin(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi, "$1");
}

/** An address of git as the URI of provenance: `git+https://…`, without user and password. Undefined for anything else. */
export function gitUri(address: string): string | undefined {
  const scp = /^(?:[A-Za-z0-9._-]+@)?([A-Za-z0-9.-]+):(?!\/\/)(.+)$/.exec(address);
  if (scp) return `git+ssh://${scp[1]}/${scp[2]}`;
  return /^(https|ssh):\/\//.test(address) ? `git+${withoutLogin(address)}` : undefined;
}
