import type { Account } from "./pull-state.ts";
import { type GithubState, nodeId, stableId } from "./state.ts";

/** A user as the API shows one. */
export function showUser(login: string, id: number = stableId(`user ${login}`)): Record<string, unknown> {
  return { login, id, node_id: nodeId("User", id), type: "User", site_admin: false };
}

/** An account as lists show it: a person's, a bot's. */
export function showAccount({ id, login, type }: Account): Record<string, unknown> {
  return { ...showUser(login, id), type };
}

/** An organisation as `GET /orgs/{org}` shows it. */
export function showOrganization(login: string): Record<string, unknown> {
  const id = stableId(`org ${login}`);
  return { login, id, node_id: nodeId("Organization", id), type: "Organization", name: login, plan: { name: "team" } };
}

/** Owner of a repository: an organisation, or the token's user. */
export function showOwner(state: GithubState, login: string): Record<string, unknown> {
  if (!state.organizations.has(login.toLowerCase())) return showUser(login);
  const { id, node_id, type } = showOrganization(login);
  return { login, id, node_id, type, site_admin: false };
}
