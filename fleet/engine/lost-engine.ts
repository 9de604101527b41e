import { setImmediate as nextTurn } from "node:timers/promises";
// Default imports, which are the CommonJS objects themselves: the SDK's own modules call through them, an ES module namespace could
// not be changed.
import sdkErrors from "@pulumi/pulumi/errors.js";
import sdkSettings from "@pulumi/pulumi/runtime/settings.js";
import sdkStack from "@pulumi/pulumi/runtime/stack.js";

/**
 * A program that loses its engine fails. The SDK takes it for one that has ended well and tells the engine so: what the program had
 * not declared by then, the engine would delete. Seen with 3.190 (`automation/server.js` leaves out the errors UNAVAILABLE and
 * CANCELLED), on a machine with too little CPU.
 */
export function failLostPrograms(): void {
  const stack = sdkStack as unknown as RunsPrograms;
  const { isGrpcError, RunError } = sdkErrors as unknown as Errors;
  const { runInPulumiStack } = stack;
  stack.runInPulumiStack = async (init) => {
    try {
      return await runInPulumiStack(init);
    } catch (error) {
      // The SDK listens for rejections that it leaves unhandled until this function ends: here they are, and no process ends of them.
      await nextTurn();
      if (!(error instanceof Error) || !isGrpcError(error)) throw error;
      throw new RunError(
        `the program lost its engine before everything was declared, so nothing was deleted: ${error.message}`,
      );
    }
  };
}

/**
 * Each program opens connections of its own. The SDK shares them in a process by address and never closes them. When the system
 * gives a new engine the port of an old one, the program would be told at once that the old one does not answer.
 */
export function connectAnew(): void {
  const settings = sdkSettings as unknown as { grpcClientOptions: Record<string, unknown> };
  settings.grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;
}

/** The part of the SDK that runs a program. */
interface RunsPrograms {
  runInPulumiStack(init: () => Promise<unknown>): Promise<unknown>;
}

/** The part of the SDK's errors that is used here. */
interface Errors {
  isGrpcError(error: Error): boolean;
  readonly RunError: new (message: string) => Error;
}
