import { randomUUID } from "node:crypto";
import { type EngineFiles, keeping, type ServedStack } from "./engine-files.ts";
import { described, on, readingRoutes, STACK_PATH, UPDATE_PATH } from "./reading.ts";
import { serveLoopback } from "./server.ts";

/** What a preview's service is made of. */
export interface PreviewOptions extends ServedStack {
  /** A directory of the preview's own, for this user alone; the caller removes it. */
  readonly folder: string;
}

/** The engine's service for one preview. */
export interface PreviewService extends EngineFiles {
  close(): Promise<void>;
}

/** Serves the states in a directory to one preview. Nothing is written there. */
export async function servePreview(options: PreviewOptions): Promise<PreviewService> {
  const { stack, folder, onLeft } = options;
  const { exports, ...kept } = keeping(options);
  const server = await serveLoopback(
    [
      ...readingRoutes((name) => exports.of(name)),
      ...kept.routes,
      on("POST", `${STACK_PATH}/begin-update`, ({ names: [name = ""] }) => {
        if (name !== stack) throw new Error(`the preview is one of ${stack}, not of ${name}`);
        const begun = { version: 1, token: server.token, updateID: randomUUID() };
        const deployment = exports.of(name);
        onLeft?.(exports.part?.left);
        return { ...begun, deployment, stack: described(name) };
      }),
      // The run has the events from the engine's log.
      { ...on("POST", `${UPDATE_PATH}/(?:events/batch|complete)`, () => ({})), unread: true },
      on("POST", `${UPDATE_PATH}/renew_lease`, () => ({ token: server.token })),
    ],
    // The engine says what it could not do.
    () => {},
  );
  return { ...kept.files(folder, server), close: server.close };
}
