import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, it } from "vitest";
import { ownOutputs } from "../../stacks/own-outputs.ts";

// What breaks when these fail: an update of the shared stack ends half way because it met its own state while that was written,
// or a state that cannot be read passes for an empty one.

const EOF = "invocation of pulumi:pulumi:readStackOutputs returned an error: failed to load checkpoint: EOF";
let answers: (Record<string, unknown> | Error)[];
beforeEach(() =>
  pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
      call: () => {
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        // The SDK takes the words of a gRPC error.
        if (answer instanceof Error) throw Object.assign(answer, { details: answer.message });
        return answer ?? {};
      },
    },
    "sitefleet",
    "prod",
    false,
    "organization",
  ),
);

it("are read again after a read that met a file half written", async () => {
  answers = [new Error(EOF), new Error(EOF), { outputs: { deployed: 1 } }];
  expect(await ownOutputs()).toEqual({ deployed: 1 });
});

it("are empty before the first update", async () => {
  answers = [{}];
  expect(await ownOutputs()).toEqual({});
});

it.each([EOF, "failed to load checkpoint: unexpected character"])("fail where it stays so: %s", async (said) => {
  answers = [new Error(said)];
  await expect(ownOutputs()).rejects.toThrow(said);
});
