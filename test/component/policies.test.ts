// What breaks when this fails: a program of ours declares what a policy forbids, and no analyzer is there to say so.
import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { loadCatalog } from "../../model/index.ts";
import { contextOf } from "../../policy/context.ts";
import { enforcePolicies } from "../../stacks/policies.ts";
import { registered } from "../support/mocks.ts";

const catalog = loadCatalog("catalog");
const token = `ghp_${"a".repeat(36)}`;

/** What a program that declares a variable is told. */
async function declared(value: pulumi.Input<string>) {
  let refused: unknown;
  const all = await registered(() => {
    enforcePolicies(contextOf(catalog));
    try {
      new github.ActionsVariable("DEPLOY", { repository: "web", variableName: "DEPLOY", value });
    } catch (error) {
      refused = error;
    }
  });
  return { names: all.map(({ name }) => name), refused };
}

it("a resource that a policy forbids is refused before it is registered, without its value", async () => {
  const { names, refused } = await declared(token);
  expect(names).toEqual([]);
  expect(refused).toMatchObject({ code: "policy.refused", subject: "DEPLOY (plain-secret)" });
  expect(String(refused)).not.toContain(token);
});

it("what is wrapped as a secret passes", async () => {
  expect(await declared(pulumi.secret(token))).toEqual({ names: ["DEPLOY"], refused: undefined });
});
