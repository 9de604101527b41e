import type { Inventory } from "../core/vendor.ts";
import type { Api } from "./api.ts";
import { stateOf } from "./deployments/state.ts";

/** All objects with what identifies them; no value of a variable, no bypass secret. */
export function inventoryOf(api: Api): Inventory {
  const { store } = api;
  const now = api.now();
  const name = (projectId: string): string => store.projects.get(projectId)?.name ?? "";
  const envs = [...store.envsOf.values()].flatMap((some) => [...some.values()]);
  return {
    teams: [...store.teams.values()].map(({ id, slug }) => ({ id, name: slug })),
    projects: [...store.projects.values()].map(({ id, name, ownerId, link, production }) => ({
      id,
      name,
      ownerId,
      repository: link === null ? null : `${link.owner}/${link.repo}`,
      production,
    })),
    domains: [...store.domains.values()].map((domain) => ({
      id: domain.name,
      name: domain.name,
      projectId: domain.projectId,
      project: name(domain.projectId),
      verified: domain.verified,
      deploymentId: domain.deploymentId,
    })),
    envs: envs.map(({ id, key, target, type, projectId }) => ({
      id,
      name: key,
      target,
      type,
      projectId,
      project: name(projectId),
    })),
    sharedEnvs: [...store.sharedEnvs.values()].map(({ id, key, target, type, projectIds }) => ({
      id,
      name: key,
      target,
      type,
      projectIds,
    })),
    deployments: [...store.deployments.values()].map((deployment) => ({
      id: deployment.id,
      name: deployment.url,
      projectId: deployment.projectId,
      project: name(deployment.projectId),
      target: deployment.target,
      state: stateOf(deployment, now),
      commit: deployment.commit,
      meta: deployment.meta,
    })),
    aliases: [...store.aliases.values()].map(({ uid, alias, deploymentId, projectId }) => ({
      id: uid,
      name: alias,
      deploymentId,
      projectId,
    })),
  };
}
