/** What a plan would do, or an apply has done. */
export interface Planned {
  readonly created: number;
  readonly changed: number;
}

/** A state of OpenTofu's, version 4, as far as it is read. */
export interface StateFile {
  readonly resources: readonly {
    readonly mode: string;
    readonly type: string;
    readonly instances: readonly { readonly attributes: Readonly<Record<string, unknown>> }[];
  }[];
}

/** What `tofu plan` or `tofu apply` said that it would do. Pure. */
export function plannedIn(text: string): Planned {
  const [, created = 0, changed = 0] = /^Plan: .*?(\d+) to add, (\d+) to change/m.exec(text) ?? [];
  return { created: Number(created), changed: Number(changed) };
}

/** Vercel's objects as the sandbox tells them. */
export interface VercelInventory {
  readonly projects: readonly { readonly id: string }[];
  readonly domains: readonly { readonly name: string; readonly projectId: string }[];
  readonly deployments: readonly { readonly id: string; readonly projectId: string; readonly commit: string | null }[];
}

/** What identifies each object that states have. Pure. */
export function objectsIn(states: readonly StateFile[]): Set<string> {
  const resources = states.flatMap(({ resources }) => resources).filter(({ mode }) => mode === "managed");
  const keys = resources.flatMap(({ type, instances }) =>
    instances.map(({ attributes: { id, domain, project_id: project } }) =>
      type === "vercel_project_domain" ? domainKey(String(domain), String(project)) : String(id),
    ),
  );
  return new Set(keys);
}

/** What identifies each object that the vendor has been told to make. Pure. */
export function objectsAt({ projects, domains, deployments }: VercelInventory): string[] {
  // Every project has its own name under vercel.app.
  const own = domains.filter(({ name }) => !name.endsWith(".vercel.app"));
  return [
    ...projects.map(({ id }) => id),
    ...own.map(({ name, projectId }) => domainKey(name, projectId)),
    ...deployments.map(({ id }) => id),
  ];
}

const domainKey = (domain: string, project: string) => `${domain} on ${project}`;

/** Builds of one commit in one project beyond the first. Pure. */
export function doubledIn({ deployments }: VercelInventory): number {
  return deployments.length - new Set(deployments.map(({ projectId, commit }) => `${projectId} ${commit}`)).size;
}
