import { spawn } from "node:child_process";

/**
 * Runs a program to its end without holding up what else goes on; its output is this process's stderr.
 *
 * @returns its exit code; null when a signal ended it
 * @throws the system's error when it cannot be started
 */
export function spawned(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", 2, 2], ...options });
    child.once("error", reject).once("close", (code) => resolve(code));
  });
}
