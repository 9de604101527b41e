import type { Props } from "../framework/index.ts";
import { boolean, defineResource, isUnknown, set, string } from "../framework/index.ts";
import type { VercelClient } from "./client.ts";
import { explain } from "./client.ts";
import { checkSensitivity, TARGETS } from "./environment.ts";
import { splitId } from "./ids.ts";

interface ApiShared {
  readonly id: string;
  readonly key: string;
  readonly value?: string;
  readonly type: string;
  readonly target?: readonly string[];
  readonly projectId?: readonly string[];
  readonly comment?: string | null;
  readonly applyToAllCustomEnvironments?: boolean;
  readonly ownerId?: string;
}

const RULE =
  "When `apply_to_all_custom_environments` is `false` or not set, you must specify `target` with at least one value.";

function toState(variable: ApiShared, planned: Props, team: string | undefined): Props {
  const sensitive = variable.type === "sensitive";
  return {
    key: variable.key,
    projectIds: [...(variable.projectId ?? [])],
    teamId: team ?? variable.ownerId ?? null,
    targets: [...(variable.target ?? [])],
    applyToAllCustomEnvironments: variable.applyToAllCustomEnvironments ?? false,
    sensitive,
    comment: variable.comment ?? "",
    value: planned.value === undefined ? null : sensitive ? planned.value : (variable.value ?? null),
    valueWo: null,
  };
}

const typeOf = (inputs: Props): string => (inputs.sensitive === false ? "encrypted" : "sensitive");
const valueIn = (inputs: Props): string => String(inputs.value || inputs.valueWo);

/** `SharedEnvironmentVariable`: a team's variable and the projects it is for; the list of projects is authoritative. */
export const sharedEnvironmentVariable = defineResource<VercelClient>({
  properties: {
    key: string({ required: true, replaces: true }),
    projectIds: set(string(), { required: true }),
    sensitive: boolean({ required: true, replaces: true }),
    teamId: string({ computed: true, replaces: true }),
    value: string({ secret: true }),
    valueWo: string({ secret: true, writeOnly: true }),
    targets: set(string({ allowed: TARGETS }), { computed: true, volatile: true }),
    comment: string({ computed: true, volatile: true }),
    applyToAllCustomEnvironments: boolean({ computed: true, volatile: true }),
  },

  async check(call) {
    const { inputs, fail } = call;
    if ((inputs.value === undefined) === (inputs.valueWo === undefined)) {
      fail(
        "value",
        "Invalid Attribute Combination: Exactly one of these attributes must be configured: [value,value_wo]",
      );
    }
    const all = inputs.applyToAllCustomEnvironments;
    const { targets } = inputs;
    if (!isUnknown(all) && all !== true && !isUnknown(targets) && (!Array.isArray(targets) || targets.length === 0)) {
      fail("targets", `${targets === undefined ? "Missing required attribute" : "Invalid attribute value"}: ${RULE}`);
    }
    await checkSensitivity(call, inputs, "sensitive", {
      targetsCustom: all === true,
      isNew: call.olds === undefined,
      teamId: inputs.teamId,
      what: "Shared Environment Variable",
    });
  },

  diff: ({ ignore }) => ignore("valueWo"),

  async create({ client, inputs }) {
    const value = valueIn(inputs);
    const { created } = await explain(
      "Error creating shared environment variable",
      "Could not create shared environment variable",
      client.call<{ created: ApiShared[] }>("/v1/env", inputs.teamId, {
        method: "POST",
        body: {
          type: typeOf(inputs),
          projectId: inputs.projectIds,
          target: inputs.targets ?? [],
          applyToAllCustomEnvironments: inputs.applyToAllCustomEnvironments ?? false,
          evs: [{ key: inputs.key, value, comment: inputs.comment ?? "" }],
        },
      }),
    );
    const [made] = created;
    if (made === undefined || created.length !== 1) {
      throw new Error(`expected 1 environment variable to be created, got ${created.length}`);
    }
    return { id: made.id, outputs: toState({ ...made, value }, inputs, client.teamId(inputs.teamId)) };
  },

  async read({ client, id, state, importing }) {
    const imported = importing ? splitId(id, 1, "shared environment variable", '"team_id/env_id"') : undefined;
    const team = imported?.team ?? state.teamId;
    const found = await client.call<ApiShared>(`/v1/env/${imported?.rest[0] ?? id}`, team, { method: "GET" });
    const planned = importing ? { value: found.type === "sensitive" ? undefined : found.value } : state;
    return { id: found.id, outputs: toState(found, planned, client.teamId(team)) };
  },

  async update({ client, id, inputs }) {
    const value = valueIn(inputs);
    const change = {
      value,
      type: typeOf(inputs),
      projectId: inputs.projectIds,
      applyToAllCustomEnvironments: inputs.applyToAllCustomEnvironments || undefined,
      target: inputs.targets,
      comment: inputs.comment || undefined,
    };
    const { updated } = await explain(
      "Error updating shared environment variable",
      "Could not update shared environment variable",
      client.call<{ updated: ApiShared[] }>("/v1/env", inputs.teamId, {
        method: "PATCH",
        body: { updates: { [id]: change } },
      }),
    );
    const [now] = updated;
    if (now === undefined || updated.length !== 1) {
      throw new Error(`expected 1 environment variable to be created, got ${updated.length}`);
    }
    return toState({ ...now, value }, inputs, client.teamId(inputs.teamId));
  },

  async delete({ client, id, state }) {
    const call = client.call("/v1/env", state.teamId, { method: "DELETE", body: { ids: [id] } });
    const detail = `Could not delete shared environment variable ${id}`;
    await explain("Error deleting shared environment variable", detail, call);
  },
});
