import type { Props } from "../framework/index.ts";
import { defineResource, string } from "../framework/index.ts";
import type { VercelClient } from "./client.ts";
import { explain } from "./client.ts";

interface ApiAlias {
  readonly uid: string;
  readonly alias: string;
  readonly deploymentId?: string;
}

async function upsert(client: VercelClient, inputs: Props, doing: string): Promise<{ id: string; outputs: Props }> {
  const { alias, deploymentId, teamId } = inputs;
  const made = await explain(
    `Error ${doing} alias`,
    doing === "creating" ? "Could not create alias" : `Could not update alias ${alias}`,
    client.call<ApiAlias>(`/v2/deployments/${deploymentId}/aliases`, teamId, { method: "POST", body: { alias } }),
  );
  return { id: made.uid, outputs: { alias, deploymentId, teamId: client.teamId(teamId) ?? null } };
}

/** `Alias`: points a host at a deployment; one call, create and update alike. No import in the real one. */
export const alias = defineResource<VercelClient>({
  properties: {
    alias: string({ required: true }),
    deploymentId: string({ required: true }),
    teamId: string({ computed: true, replaces: true }),
  },
  create: ({ client, inputs }) => upsert(client, inputs, "creating"),
  update: async ({ client, inputs }) => (await upsert(client, inputs, "updating")).outputs,
  async read({ client, id, state, importing }) {
    if (importing) throw new Error("Resource Import Not Implemented: this resource does not support import");
    const found = await client.call<ApiAlias>(`/v4/aliases/${encodeURIComponent(id)}`, state.teamId, { method: "GET" });
    const outputs = {
      alias: state.alias,
      deploymentId: found.deploymentId ?? null,
      teamId: client.teamId(state.teamId) ?? null,
    };
    return { id: found.uid, outputs };
  },
  async delete({ client, id, state }) {
    const call = client.call(`/v2/aliases/${encodeURIComponent(id)}`, state.teamId, { method: "DELETE" });
    await explain("Error deleting alias", `Could not delete alias ${state.alias}`, call);
  },
});
