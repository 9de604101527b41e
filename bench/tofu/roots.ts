import type { SharedProjectSpec } from "../../components/shared-project/plan.ts";
import type { CellState, SiteState } from "../../stacks/desired.ts";
import { type Json, literal, value } from "./attributes.ts";
import { type Files, modules, REQUIRED, text } from "./modules.ts";

/** The Vercel part of an estate. */
export interface Declared {
  /** Slug of the team. */
  readonly team: string;
  /** Projects that many sites share. */
  readonly shared: readonly SharedProjectSpec[];
  /** Sites by the stack that they are in. */
  readonly cells: ReadonlyMap<string, CellState>;
}

/** Root module of the shared projects, where the fleet is split. */
export const SHARED_ROOT = "shared";
/** Root module of everything, where it is not. */
export const ONE_ROOT = "fleet";

type Calls = { readonly [name: string]: Json };

/** Everything in one state. Pure. */
export function oneRoot({ team, shared, cells }: Declared): Files {
  const projectId = (name: string) => value(`module.${sharedName(name)}.project_id`);
  const sites = [...cells.values()].flatMap((cell) => cell.sites);
  return {
    ...modules(),
    [`${ONE_ROOT}/main.tf.json`]: rootText(team, { ...sharedCalls(shared), ...siteCalls(sites, projectId) }),
  };
}

/** A root module for each cell, and one for the shared projects, whose state the others read. Pure. */
export function splitRoots({ team, shared, cells }: Declared): Files {
  const output = Object.fromEntries(
    shared.map(({ name }) => [sharedName(name), { value: value(`module.${sharedName(name)}.project_id`) }]),
  );
  const read = {
    terraform_remote_state: { shared: { backend: "local", config: { path: `../${SHARED_ROOT}/terraform.tfstate` } } },
  };
  const projectId = (name: string) => value(`data.terraform_remote_state.shared.outputs.${sharedName(name)}`);
  const roots = [...cells].map(([stack, { sites }]): [string, string] => {
    const reads = sites.some(({ project }) => project.kind === "shared");
    return [`${stack}/main.tf.json`, rootText(team, siteCalls(sites, projectId), reads ? { data: read } : undefined)];
  });
  return {
    ...modules(),
    ...(shared.length > 0 ? { [`${SHARED_ROOT}/main.tf.json`]: rootText(team, sharedCalls(shared), { output }) } : {}),
    ...Object.fromEntries(roots),
  };
}

function rootText(team: string, calls: Calls, more?: Calls): string {
  return text({ terraform: REQUIRED, provider: { vercel: { team: literal(team) } }, module: calls, ...more });
}

function siteCalls(sites: readonly SiteState[], projectId: (name: string) => string): Calls {
  return Object.fromEntries(
    sites.map(({ host, project, commit }) => {
      const call: Json =
        project.kind === "own"
          ? { source: "../modules/site", host: literal(host), ...projectCall({ ...project, commit }) }
          : { source: "../modules/shared-site", host: literal(host), project_id: projectId(project.name) };
      return [callName("site", host), call];
    }),
  );
}

function sharedCalls(shared: readonly SharedProjectSpec[]): Calls {
  return Object.fromEntries(
    shared.map((project) => {
      const wildcards = (project.wildcardDomains ?? []).map(literal);
      return [sharedName(project.name), { source: "../modules/shared-project", wildcards, ...projectCall(project) }];
    }),
  );
}

type Called = Pick<SharedProjectSpec, "name" | "repository" | "rootDirectory" | "framework" | "commit">;

function projectCall({ name, repository, rootDirectory, framework, commit }: Called): Calls {
  return {
    name: literal(name),
    repository: literal(repository),
    ...(rootDirectory ? { root_directory: literal(rootDirectory) } : {}),
    ...(framework ? { framework: literal(framework) } : {}),
    ...(commit ? { commit } : {}),
  };
}

const sharedName = (name: string) => callName("shared", name);

/** A name of a module call: letters, digits, `_` and `-`, and no digit first. Hosts and projects' names have no `_`. Pure. */
function callName(kind: string, name: string): string {
  return `${kind}_${name.replaceAll(".", "_")}`;
}
