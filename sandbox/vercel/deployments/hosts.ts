import type { Api } from "../api.ts";
import type { DeploymentRecord, DomainRecord, ProjectRecord } from "../records.ts";

/** True for a domain that follows the project's production deployment. */
export function followsProduction(domain: DomainRecord): boolean {
  return (
    domain.gitBranch === null && domain.customEnvironmentId === null && domain.redirect === null && domain.verified
  );
}

/** Hosts that a production deployment takes: every domain that follows it, and last the project's own address. */
export function productionHosts(api: Api, project: ProjectRecord): string[] {
  const hosts: string[] = [];
  for (const domain of api.store.domainsOf.get(project.id)?.values() ?? []) {
    if (followsProduction(domain)) hosts.push(domain.name);
  }
  if (project.autoHost !== null) hosts.push(project.autoHost);
  return hosts;
}

/** Points one host at a deployment, and an alias set by hand with it. */
export function pointHost(api: Api, host: string, deployment: DeploymentRecord): void {
  const domain = api.store.domains.get(host);
  if (domain !== undefined) domain.deploymentId = deployment.id;
  const alias = api.store.aliases.get(host);
  if (alias !== undefined) {
    alias.deploymentId = deployment.id;
    alias.projectId = deployment.projectId;
  }
  api.changed("alias.assigned", { host, deploymentId: deployment.id, projectId: deployment.projectId });
}
