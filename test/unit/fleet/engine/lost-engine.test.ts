import { createRequire } from "node:module";
import type { sendUnaryData } from "@grpc/grpc-js";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectAnew, failLostPrograms } from "../../../../fleet/engine/lost-engine.ts";

const require = createRequire(import.meta.url);
const { LanguageServer } = require("@pulumi/pulumi/automation/server");
const { RunRequest } = require("@pulumi/pulumi/proto/language_pb");
const { EngineService } = require("@pulumi/pulumi/proto/engine_grpc_pb");
const { SetRootResourceResponse } = require("@pulumi/pulumi/proto/engine_pb");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb");
const { RegisterResourceResponse, SupportsFeatureResponse } = require("@pulumi/pulumi/proto/resource_pb");
const { ResourceMonitorService } = require("@pulumi/pulumi/proto/resource_grpc_pb");

// What breaks when these fail: a program that could not reach its engine counts as one that declares nothing, and the engine deletes
// all that the stack has.

const answered = (message: () => unknown) => (_call: unknown, answer: sendUnaryData<unknown>) =>
  answer(null, message());

/** The half of an engine that takes resources; with `messages` the half that takes messages as well. */
async function engine(port: number, messages: boolean): Promise<{ server: Server; address: string }> {
  const server = new Server();
  server.addService(ResourceMonitorService, {
    supportsFeature: answered(() => new SupportsFeatureResponse().setHassupport(true)),
    registerResource: answered(() =>
      new RegisterResourceResponse().setUrn("urn:pulumi:prod::sitefleet::pulumi:pulumi:Stack::sitefleet-prod"),
    ),
    registerResourceOutputs: answered(() => new Empty()),
    signalAndWaitForShutdown: answered(() => new Empty()),
  });
  if (messages) {
    server.addService(EngineService, {
      setRootResource: answered(() => new SetRootResourceResponse()),
      log: answered(() => new Empty()),
    });
  }
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, number) =>
      error ? reject(error) : resolve(number),
    ),
  );
  return { server, address: `127.0.0.1:${bound}` };
}

/** Runs a program as the Automation API does; what the engine is told of its end. */
function end(monitor: string, messages: string, program: () => Promise<unknown>): Promise<string> {
  const request = new RunRequest().setProject("sitefleet").setStack("prod").setMonitorAddress(monitor);
  request.setArgsList([messages]);
  return new Promise((resolve) => {
    new LanguageServer(program).run({ request }, (error: Error | null, response?: { getError(): string }) =>
      resolve(error?.message ?? response?.getError() ?? ""),
    );
  });
}

describe("a program and its engine", () => {
  // The SDK leaves rejections to a listener of its own; another one here must not take them for the test's.
  const others = process.listeners("unhandledRejection");
  const unseen: unknown[] = [];
  const listen = (reason: unknown) => process.listenerCount("unhandledRejection") === 1 && unseen.push(reason);
  const servers: Server[] = [];
  const started = async (port: number, messages: boolean) => {
    const { server, address } = await engine(port, messages);
    servers.push(server);
    return address;
  };
  beforeAll(() => {
    connectAnew();
    failLostPrograms();
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", listen);
  });
  afterAll(() => {
    process.off("unhandledRejection", listen);
    for (const other of others) process.on("unhandledRejection", other);
    for (const server of servers) server.forceShutdown();
  });

  it("that it loses: it has failed, by the word that the engine gets", async () => {
    let begun = false;
    const said = await end(await started(0, false), "127.0.0.1:1", async () => {
      begun = true;
    });
    expect(begun).toBe(false);
    expect(said).toContain("the program lost its engine");
    await new Promise((resolve) => setTimeout(resolve, 50));
    // What no listener of the SDK sees ends the process, and the other stacks with it.
    expect(unseen).toEqual([]);
  });

  it("that has the port of one that is gone: it is reached all the same", async () => {
    const monitor = await started(0, false);
    const gone = await started(0, true);
    servers.pop()?.forceShutdown();
    expect(await end(monitor, gone, async () => {})).toContain("lost its engine");
    const again = await started(Number(gone.split(":")[1]), true);
    expect(again).toBe(gone);
    expect(await end(monitor, again, async () => {})).toBe("");
  });
});
