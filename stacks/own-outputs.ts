import * as pulumi from "@pulumi/pulumi";

/**
 * The outputs of this stack's last update; empty before the first one. Not a StackReference: that would be a resource of the stack,
 * and every state would hold the one before.
 */
export async function ownOutputs<Outputs extends object>(): Promise<Partial<Outputs>> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { outputs = {} } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as {
    readonly outputs?: Partial<Outputs>;
  };
  return outputs;
}
