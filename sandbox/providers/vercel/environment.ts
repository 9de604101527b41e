import type { CheckCall, Props } from "../framework/index.ts";
import { ApiError, hasUnknown, isUnknown } from "../framework/index.ts";
import type { Team, VercelClient } from "./client.ts";

/** A variable as the API shows it. `value` is decrypted by reading calls, except for sensitive ones. */
export interface ApiVariable {
  readonly id: string;
  readonly key: string;
  readonly value?: string;
  readonly type: string;
  readonly target?: readonly string[] | string | null;
  readonly customEnvironmentIds?: readonly string[] | null;
  readonly gitBranch?: string | null;
  readonly comment?: string | null;
}

/** The environments that variables may be for. */
export const TARGETS = ["production", "preview", "development"] as const;

/** A variable as the API wants it. */
export function toRequest(variable: Props): Props {
  return {
    key: variable.key,
    value: variable.value,
    ...(present(variable.targets) && { target: variable.targets }),
    ...(present(variable.customEnvironmentIds) && { customEnvironmentIds: variable.customEnvironmentIds }),
    ...(variable.gitBranch !== undefined && { gitBranch: variable.gitBranch }),
    type: variable.sensitive === false ? "encrypted" : "sensitive",
    comment: variable.comment ?? "",
  };
}

const present = (list: unknown): boolean => Array.isArray(list) && list.length > 0;

/** The targets of an API variable as a list. */
export function targetsOf(variable: ApiVariable): readonly string[] {
  const { target } = variable;
  return typeof target === "string" ? [target] : (target ?? []);
}

/** The checks that a plan of the real provider makes of one variable: `development` and the team's policy. */
export async function checkSensitivity(
  call: CheckCall<VercelClient>,
  variable: Props,
  path: string,
  options: {
    readonly targetsCustom: boolean;
    readonly isNew: boolean;
    readonly teamId: unknown;
    readonly what: string;
  },
): Promise<void> {
  const { targets, sensitive } = variable;
  if (isUnknown(sensitive) || hasUnknown(targets)) return;
  const list = Array.isArray(targets) ? targets : [];
  if (list.includes("development") && sensitive !== false) {
    call.fail(
      path,
      `${options.what} Invalid: Environment variables targeting \`development\` must explicitly set \`sensitive = false\`.`,
    );
    return;
  }
  const onlyDevelopment = list.length === 1 && list[0] === "development" && !options.targetsCustom;
  if (!options.isNew || sensitive !== false || onlyDevelopment || call.client === undefined) return;
  const team = await policyTeam(call.client, options.teamId);
  if (team?.sensitiveEnvironmentVariablePolicy === "on") {
    call.fail(
      path,
      `${options.what} Invalid: This team has a policy that forces environment variables targeting \`preview\`, \`production\`, or custom environments to be sensitive. Set \`sensitive = true\` in your configuration.`,
    );
  }
}

async function policyTeam(client: VercelClient, own: unknown): Promise<Team | undefined> {
  return typeof own === "string" && !isUnknown(own) ? client.getTeam(own) : client.team;
}

/** All variables of a project, decrypted where they can be; page after page. Rejects with ApiError. */
export async function listVariables(client: VercelClient, projectId: string, team: unknown): Promise<ApiVariable[]> {
  const all: ApiVariable[] = [];
  for (let until: number | undefined; ; ) {
    const page = await client.call<{ envs: ApiVariable[]; pagination?: { next?: number | null } }>(
      `/v8/projects/${projectId}/env`,
      team,
      { method: "GET", query: { decrypt: "true", limit: "100", ...(until !== undefined && { until: String(until) }) } },
    );
    all.push(...page.envs);
    const next = page.pagination?.next ?? undefined;
    if (next === undefined) return all;
    if (next === until) throw new Error("pagination cursor did not advance");
    until = next;
  }
}

interface Failure {
  readonly code?: string;
  readonly message?: string;
  readonly envVarKey?: string;
  readonly target?: readonly string[];
  readonly gitBranch?: string | null;
}

interface Created {
  readonly created?: ApiVariable | ApiVariable[];
  readonly failed?: readonly { readonly error?: Failure }[];
}

/** Creates variables, in one call. A single one is sent alone, several as a list. Rejects when any of them failed. */
export async function createVariables(
  client: VercelClient,
  projectId: string,
  team: unknown,
  variables: readonly Props[],
): Promise<ApiVariable[]> {
  const body = variables.length === 1 ? variables[0] : variables;
  const call = client.call<Created>(`/v10/projects/${projectId}/env`, team, { method: "POST", body });
  const response = await call.catch(async (error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    const { error: single, failed } = (error.body ?? {}) as Created & { error?: Failure };
    const failures = failed?.flatMap((item) => item.error ?? []) ?? (single?.code === "ENV_CONFLICT" ? [single] : []);
    if (failures.length === 0) throw error;
    throw await describe(client, projectId, team, failures);
  });
  const failures = response.failed?.flatMap((item) => item.error ?? []) ?? [];
  if (failures.length > 0) throw await describe(client, projectId, team, failures);
  return Array.isArray(response.created) ? response.created : response.created === undefined ? [] : [response.created];
}

// Names the variable that is in the way, so that it can be imported.
async function describe(client: VercelClient, projectId: string, team: unknown, failures: Failure[]): Promise<Error> {
  const conflict = failures.some(({ code }) => code === "ENV_CONFLICT");
  const existing = conflict ? await listVariables(client, projectId, team) : [];
  const messages = failures.map(({ code, message, envVarKey, target, gitBranch }) => {
    const found = existing.find(
      (variable) =>
        code === "ENV_CONFLICT" &&
        variable.key === envVarKey &&
        (variable.gitBranch ?? null) === (gitBranch ?? null) &&
        (target === undefined || target.length === 0 || targetsOf(variable).some((item) => target.includes(item))),
    );
    if (found === undefined) return message ?? code ?? "unknown error";
    const id = [client.teamId(team), projectId, found.id].filter((part) => part !== undefined).join("/");
    return `${message}, conflicting environment variable ID is ${id}`;
  });
  return new Error(`failed to create environment variables, ${[...new Set(messages)].join("; ")}`);
}
