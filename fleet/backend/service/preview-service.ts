import { randomUUID } from "node:crypto";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { type EngineFiles, keeping, type ServedStack } from "./engine-files.ts";
import { described, on, readingRoutes, STACK_PATH, UPDATE_PATH } from "./reading.ts";
import { serveLoopback } from "./server.ts";
import { ToldEvents } from "./told-events.ts";

/** What a preview's service is made of. */
export interface PreviewOptions extends ServedStack {
  /** A directory of the preview's own, for this user alone; the caller removes it. */
  readonly folder: string;
  /** Told of each event of the engine, in their order, but for those of resources that it leaves alone. @default its log has them */
  readonly onEvent?: ((event: EngineEvent) => void) | undefined;
}

/** The engine's service for one preview. */
export interface PreviewService extends EngineFiles {
  /** Whether the engine has told all that it has found, up to its summary; where nothing is to be told of it, it has. */
  hasToldAll(): boolean;
  close(): Promise<void>;
}

/** Serves the states in a directory to one preview. Nothing is written there. */
export async function servePreview(options: PreviewOptions): Promise<PreviewService> {
  const { stack, folder, onEvent } = options;
  let summed = false;
  const told =
    onEvent &&
    new ToldEvents<EngineEvent>((event) => {
      if (event.summaryEvent) summed = true;
      onEvent(event);
    });
  const { exports, ...kept } = keeping(options);
  const server = await serveLoopback(
    [
      ...readingRoutes((name) => exports.of(name)),
      ...kept.routes,
      on("POST", `${STACK_PATH}/begin-update`, ({ names: [name = ""] }) => {
        if (name !== stack) throw new Error(`the preview is one of ${stack}, not of ${name}`);
        const begun = { version: 1, token: server.token, updateID: randomUUID() };
        return { ...begun, deployment: exports.of(name), stack: described(name) };
      }),
      {
        ...on("POST", `${UPDATE_PATH}/events/batch`, ({ body }) => {
          told?.add((body as { readonly events: readonly EngineEvent[] }).events);
          return {};
        }),
        unread: told === undefined,
      },
      { ...on("POST", `${UPDATE_PATH}/complete`, () => ({})), unread: true },
      on("POST", `${UPDATE_PATH}/renew_lease`, () => ({ token: server.token })),
    ],
    // The engine says what it could not do.
    () => {},
  );
  return {
    ...kept.files(folder, server),
    close: server.close,
    hasToldAll: () => told === undefined || (summed && !told.hasGap),
  };
}
