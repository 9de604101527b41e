import { type Kind, Marks, type StoreChanges } from "./changes.ts";
import type {
  AccountRecord,
  AliasRecord,
  DeploymentRecord,
  DomainRecord,
  EnvRecord,
  ProjectRecord,
  SharedEnvRecord,
} from "./records.ts";
import type { StoreState } from "./store-state.ts";

/** Key of a name that is unique within an account. */
export const nameKey = (ownerId: string, name: string): string => `${ownerId}/${name}`;

/**
 * All records and the indexes that make every lookup of the API a single step. Records are changed in place by the
 * handlers, except for fields an index is built on; those have a method here. A handler that changed a record says so
 * ({@link Store.touch}), so that it is written to disk; methods that add or remove one do that themselves.
 */
export class Store {
  readonly teams = new Map<string, AccountRecord>();
  readonly projects = new Map<string, ProjectRecord>();
  readonly projectByName = new Map<string, ProjectRecord>();
  readonly projectByAutoHost = new Map<string, ProjectRecord>();
  /** Number of projects by `ownerId/owner/repo`. */
  readonly projectsByRepository = new Map<string, number>();
  readonly domains = new Map<string, DomainRecord>();
  readonly domainsOf = new Map<string, Map<string, DomainRecord>>();
  readonly envs = new Map<string, EnvRecord>();
  readonly envsOf = new Map<string, Map<string, EnvRecord>>();
  readonly sharedEnvs = new Map<string, SharedEnvRecord>();
  readonly deployments = new Map<string, DeploymentRecord>();
  readonly deploymentByUrl = new Map<string, DeploymentRecord>();
  readonly deploymentsOf = new Map<string, Map<string, DeploymentRecord>>();
  readonly aliases = new Map<string, AliasRecord>();
  readonly aliasByUid = new Map<string, AliasRecord>();
  readonly files = new Map<string, number>();
  readonly traffic = new Map<string, [number, number]>();
  /** Deployments to which something will still happen by itself. */
  readonly unsettled = new Set<DeploymentRecord>();
  /** Projects with a promotion or rollback under way. */
  readonly busy = new Set<ProjectRecord>();
  readonly #marks = new Marks();
  #lastCreatedAt = 0;

  /** Notes that a record, if there is one, was changed in place. */
  touch(kind: Kind, key: string): void {
    if (this.#find(kind, key) !== undefined) this.#marks.mark(kind, key);
  }

  /** Notes that anything may have changed. */
  touchAll(): void {
    this.#marks.markAll();
  }

  /** Time of creation, never the same twice: the API's pages are cut by it. */
  stamp(now: number): number {
    this.#lastCreatedAt = Math.max(now, this.#lastCreatedAt + 1);
    return this.#lastCreatedAt;
  }

  addProject(project: ProjectRecord): void {
    this.#marks.mark("projects", project.id);
    this.projects.set(project.id, project);
    this.projectByName.set(nameKey(project.ownerId, project.name), project);
    if (project.autoHost !== null) this.projectByAutoHost.set(project.autoHost, project);
    this.#countRepository(project, 1);
    if (project.job !== null && !project.job.done) this.busy.add(project);
  }

  /** The project of an account by id or name. */
  findProject(ownerId: string, idOrName: string): ProjectRecord | undefined {
    const byId = this.projects.get(idOrName);
    if (byId !== undefined) return byId.ownerId === ownerId ? byId : undefined;
    return this.projectByName.get(nameKey(ownerId, idOrName));
  }

  renameProject(project: ProjectRecord, name: string): void {
    this.projectByName.delete(nameKey(project.ownerId, project.name));
    project.name = name;
    this.projectByName.set(nameKey(project.ownerId, name), project);
  }

  setAutoHost(project: ProjectRecord, host: string | null): void {
    if (project.autoHost !== null) this.projectByAutoHost.delete(project.autoHost);
    project.autoHost = host;
    if (host !== null) this.projectByAutoHost.set(host, project);
  }

  setLink(project: ProjectRecord, link: ProjectRecord["link"]): void {
    this.#countRepository(project, -1);
    project.link = link;
    this.#countRepository(project, 1);
  }

  /** Removes a project with all that belongs to it. */
  removeProject(project: ProjectRecord): void {
    for (const domain of [...(this.domainsOf.get(project.id)?.values() ?? [])]) this.removeDomain(domain);
    for (const env of [...(this.envsOf.get(project.id)?.values() ?? [])]) this.removeEnv(env);
    for (const deployment of [...(this.deploymentsOf.get(project.id)?.values() ?? [])])
      this.removeDeployment(deployment);
    for (const shared of this.sharedEnvs.values()) {
      if (shared.projectIds.includes(project.id)) {
        shared.projectIds = shared.projectIds.filter((id) => id !== project.id);
        this.touchAll();
      }
    }
    this.domainsOf.delete(project.id);
    this.envsOf.delete(project.id);
    this.deploymentsOf.delete(project.id);
    this.busy.delete(project);
    this.#countRepository(project, -1);
    this.projects.delete(project.id);
    this.#marks.mark("projects", project.id);
    this.projectByName.delete(nameKey(project.ownerId, project.name));
    if (project.autoHost !== null) this.projectByAutoHost.delete(project.autoHost);
  }

  addDomain(domain: DomainRecord): void {
    this.domains.set(domain.name, domain);
    this.#marks.mark("domains", domain.name);
    inner(this.domainsOf, domain.projectId).set(domain.name, domain);
  }

  removeDomain(domain: DomainRecord): void {
    this.domains.delete(domain.name);
    this.#marks.mark("domains", domain.name);
    this.domainsOf.get(domain.projectId)?.delete(domain.name);
  }

  addEnv(env: EnvRecord): void {
    this.envs.set(env.id, env);
    this.#marks.mark("envs", env.id);
    inner(this.envsOf, env.projectId).set(env.id, env);
  }

  removeEnv(env: EnvRecord): void {
    this.envs.delete(env.id);
    this.#marks.mark("envs", env.id);
    this.envsOf.get(env.projectId)?.delete(env.id);
  }

  addDeployment(deployment: DeploymentRecord): void {
    this.deployments.set(deployment.id, deployment);
    this.#marks.mark("deployments", deployment.id);
    this.deploymentByUrl.set(deployment.url, deployment);
    inner(this.deploymentsOf, deployment.projectId).set(deployment.id, deployment);
    if (!deployment.settled) this.unsettled.add(deployment);
  }

  /** By id or by host name. */
  findDeployment(ownerId: string, idOrUrl: string): DeploymentRecord | undefined {
    const found = this.deployments.get(idOrUrl) ?? this.deploymentByUrl.get(idOrUrl.replace(/^https?:\/\//, ""));
    return found?.ownerId === ownerId ? found : undefined;
  }

  removeDeployment(deployment: DeploymentRecord): void {
    this.deployments.delete(deployment.id);
    this.#marks.mark("deployments", deployment.id);
    this.deploymentByUrl.delete(deployment.url);
    this.deploymentsOf.get(deployment.projectId)?.delete(deployment.id);
    this.unsettled.delete(deployment);
    const project = this.projects.get(deployment.projectId);
    if (project?.production === deployment.id) {
      project.production = null;
      this.#marks.mark("projects", project.id);
    }
    for (const domain of this.domainsOf.get(deployment.projectId)?.values() ?? []) {
      if (domain.deploymentId !== deployment.id) continue;
      domain.deploymentId = null;
      this.#marks.mark("domains", domain.name);
    }
    for (const alias of this.aliases.values()) if (alias.deploymentId === deployment.id) this.removeAlias(alias);
  }

  addAlias(alias: AliasRecord): void {
    this.aliases.set(alias.alias, alias);
    this.#marks.mark("aliases", alias.alias);
    this.aliasByUid.set(alias.uid, alias);
  }

  removeAlias(alias: AliasRecord): void {
    this.aliases.delete(alias.alias);
    this.#marks.mark("aliases", alias.alias);
    this.aliasByUid.delete(alias.uid);
  }

  /** The records as they are; to be written or copied before the next call. */
  snapshot(): StoreState {
    return {
      version: 1,
      teams: [...this.teams.values()],
      lastCreatedAt: this.#lastCreatedAt,
      projects: [...this.projects.values()],
      domains: [...this.domains.values()],
      envs: [...this.envs.values()],
      sharedEnvs: [...this.sharedEnvs.values()],
      deployments: [...this.deployments.values()],
      aliases: [...this.aliases.values()],
      files: [...this.files],
      traffic: [...this.traffic],
    };
  }

  /** What has changed since this was last asked, as the records are now; undefined: take {@link Store.snapshot}. */
  changes(): StoreChanges | undefined {
    const marked = this.#marks.take();
    if (marked === undefined) return undefined;
    const lastCreatedAt = this.#lastCreatedAt;
    return { lastCreatedAt, records: marked.map(([kind, key]) => [kind, key, this.#find(kind, key) ?? null]) };
  }

  /** Replaces everything. The records are taken over, not copied. */
  restore(state: StoreState): void {
    this.clear();
    this.#lastCreatedAt = state.lastCreatedAt;
    for (const team of state.teams) this.teams.set(team.id, team);
    for (const project of state.projects) this.addProject(project);
    for (const domain of state.domains) this.addDomain(domain);
    for (const env of state.envs) this.addEnv(env);
    for (const env of state.sharedEnvs) this.sharedEnvs.set(env.id, env);
    for (const deployment of state.deployments) this.addDeployment(deployment);
    for (const alias of state.aliases) this.addAlias(alias);
    for (const [sha, size] of state.files) this.files.set(sha, size);
    for (const [key, figures] of state.traffic) this.traffic.set(key, figures);
  }

  clear(): void {
    for (const part of Object.values(this)) if (part instanceof Map || part instanceof Set) part.clear();
    this.#lastCreatedAt = 0;
    this.touchAll();
  }

  /** A record as a snapshot holds it. */
  #find(kind: Kind, key: string): unknown {
    const found = this[kind].get(key);
    const isPair = kind === "files" || kind === "traffic";
    return isPair && found !== undefined ? [key, found] : found;
  }

  #countRepository(project: ProjectRecord, step: 1 | -1): void {
    if (project.link === null) return;
    const key = nameKey(project.ownerId, `${project.link.owner}/${project.link.repo}`);
    this.projectsByRepository.set(key, (this.projectsByRepository.get(key) ?? 0) + step);
  }
}

function inner<V>(outer: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const known = outer.get(key);
  if (known !== undefined) return known;
  const made = new Map<string, V>();
  outer.set(key, made);
  return made;
}
