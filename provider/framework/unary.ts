import type { handleUnaryCall, ServerUnaryCall } from "@grpc/grpc-js";
import { rejection } from "./rejection.ts";

/** A gRPC call in progress. */
export type Call<Request> = ServerUnaryCall<Request, unknown>;

/**
 * Makes a gRPC handler out of a function. What it throws goes back as an error without any of the `secrets`, which are
 * looked for only then.
 */
export function unary<Request>(
  handler: (request: Request, call: Call<Request>) => unknown,
  secrets: (request: Request) => readonly string[],
): handleUnaryCall<Request, unknown> {
  return (call, callback) => {
    const run = async (): Promise<unknown> => handler(call.request, call);
    run().then(
      (response) => {
        forget(call);
        callback(null, response);
      },
      (error: unknown) => {
        forget(call);
        let answer: Parameters<typeof callback>[0];
        try {
          answer = rejection(error, secrets(call.request));
        } catch (cause) {
          // A text that could not be searched for secrets is not shown.
          answer = rejection(new Error(`an error could not be shown safely (${(cause as Error).name})`), []);
        }
        callback(answer);
      },
    );
  };
}

/** The calls in progress of every engine, by its connection. */
const inProgress = new Map<string, Map<Call<unknown>, AbortController>>();

/**
 * Ends when the engine gave the call up or went away, or when the resource's custom time-out is over.
 *
 * @param timeout seconds, 0 for none
 */
export function signalOf(call: Call<unknown>, timeout = 0): AbortSignal {
  const controller = new AbortController();
  const peer = call.getPeer();
  const calls = inProgress.get(peer) ?? new Map();
  inProgress.set(peer, calls.set(call, controller));
  call.once("cancelled", () => controller.abort(new Error("the engine cancelled the call")));
  if (timeout <= 0) return controller.signal;
  return AbortSignal.any([controller.signal, AbortSignal.timeout(timeout * 1000)]);
}

/** Ends the signals of all calls of the engine at one connection: they answer as soon as they can. */
export function cancelCalls(peer: string): void {
  for (const controller of inProgress.get(peer)?.values() ?? []) {
    controller.abort(new Error("the run is being stopped"));
  }
}

function forget(call: Call<unknown>): void {
  const peer = call.getPeer();
  const calls = inProgress.get(peer);
  calls?.delete(call);
  if (calls?.size === 0) inProgress.delete(peer);
}
