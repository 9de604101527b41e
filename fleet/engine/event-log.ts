import { closeSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

export type { EngineEvent };

/** How often a growing log is looked at, ms. Only progress depends on it: the rest is read when the operation ends. */
const POLL_MS = 200;

/** Reads a log while it grows. */
export interface Follower {
  /** Stops, after reading what is left. */
  finish(): void;
}

/** Calls `onEvent` for every complete line of a file that another process is writing. */
export function followEvents(file: string, onEvent: (event: EngineEvent) => void): Follower {
  const decoder = new StringDecoder("utf8");
  const buffer = Buffer.alloc(256 * 1024);
  let descriptor: number | undefined;
  let rest = "";
  const read = () => {
    try {
      descriptor ??= openSync(file, "r");
    } catch {
      return; // not there yet
    }
    for (let size = readSync(descriptor, buffer); size > 0; size = readSync(descriptor, buffer)) {
      const lines = (rest + decoder.write(buffer.subarray(0, size))).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") onEvent(JSON.parse(line));
    }
  };
  const timer = setInterval(read, POLL_MS);
  return {
    finish() {
      clearInterval(timer);
      read();
      if (rest.trim() !== "") {
        // A killed engine leaves half a line: what it said before still counts.
        try {
          onEvent(JSON.parse(rest));
        } catch {}
      }
      if (descriptor !== undefined) closeSync(descriptor);
    },
  };
}
