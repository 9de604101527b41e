import {
  addressIn,
  type Found,
  fields,
  type Live,
  type LiveResource,
  listOf,
  objectOf,
  type Props,
  part,
  type ReadClient,
  type ReadOptions,
  type Setup,
  textOf,
} from "../live.ts";
import { ADDRESS_VARIABLE, API_URL } from "./api.ts";

/** Deployments of a project that are looked at; what was interrupted is among the newest. */
const NEWEST = "20";

/** How the API is read with an environment's token. Pure. */
export const readOptions = (env: NodeJS.ProcessEnv): ReadOptions => ({
  vendor: "Vercel",
  baseUrl: addressIn(env, ADDRESS_VARIABLE, API_URL),
  tokenName: "VERCEL_API_TOKEN",
  token: env.VERCEL_API_TOKEN,
});

function api({ env, once, connect }: Setup, team: string | undefined): ReadClient {
  const query = team === undefined ? undefined : { teamId: team };
  return once(`vercel ${team ?? ""}`, () => connect({ ...readOptions(env), query }));
}

/** The API takes ids in `teamId`; the provider is configured with either. Only its own look-up tells them apart. */
function teamId(setup: Setup, team: string): Promise<string> {
  if (team.startsWith("team_")) return Promise.resolve(team);
  return setup.once(`vercel team ${team}`, async () => {
    const answer = await api(setup, undefined).get(`/v2/teams/${part(team)}`);
    return textOf(fields(answer), "id") ?? team;
  });
}

/** The API as the resource's provider asks it: of the resource's own team, else of the provider's. */
async function ask(resource: LiveResource, setup: Setup): Promise<ReadClient> {
  const own = textOf(resource.inputs, "teamId") ?? textOf(resource.outputs, "teamId");
  const team = own ?? textOf(setup.settings(resource), "team") ?? setup.env.VERCEL_TEAM_ID;
  return api(setup, team === undefined || team === "" ? undefined : await teamId(setup, team));
}

const withTeam = (resource: LiveResource, id: string) => {
  const team = textOf(resource.inputs, "teamId");
  return team === undefined ? id : `${team}/${id}`;
};

/** `owner/name` of a project's link, as the three kinds of link spell it. Pure. */
export function repositoryOf(link: Props | undefined): string | undefined {
  if (link === undefined) return undefined;
  const text = (key: string) => textOf(link, key);
  if (text("type") === "gitlab") {
    const name = text("projectUrl")
      ?.replace(/\.git$/, "")
      .split("/")
      .at(-1);
    return `${text("projectNamespace")}/${name}`;
  }
  if (text("type") === "bitbucket") return `${text("owner")}/${text("slug")}`;
  return text("repo")?.includes("/") ? text("repo") : `${text("org")}/${text("repo")}`;
}

/** Judges a project that has the declared name: it is ours when it is linked to the declared repository. Pure. */
export function judgeProject(project: Props, inputs: Props | undefined): Pick<Found, "ours" | "why"> {
  const declared = textOf(objectOf(inputs, "gitRepository"), "repo");
  const live = repositoryOf(objectOf(project, "link"));
  if (declared?.toLowerCase() === live?.toLowerCase()) {
    return {
      ours: true,
      why: `has the declared name and ${live === undefined ? "no repository" : `repository ${live}`}`,
    };
  }
  const name = textOf(project, "name") ?? "";
  const says = live === undefined ? "is linked to no repository" : `is linked to ${live}`;
  return { ours: false, why: `is a project named ${name} that ${says}, not to ${declared ?? "none"}` };
}

/** What the provider reads an object from that it has no (good) importer for: what it would have written itself. */
const declared = (resource: LiveResource, id: string): Props => ({ ...resource.inputs, id });

/** A project: known by its name, ours by its repository. */
export const project: Live = {
  async find(resource, setup) {
    const name = textOf(resource.inputs, "name");
    if (name === undefined) return undefined;
    const answer = await (await ask(resource, setup)).get(`/v9/projects/${part(name)}`);
    const id = textOf(fields(answer), "id");
    if (id === undefined) return [];
    // Not through the importer: it leaves out what the provider follows only when declared. An imported project has no
    // variables, and the update after it fails on those that exist (`plan.Environment.IsNull()` in its source).
    const outputs = declared(resource, id);
    return [{ id, outputs, unique: true, ...judgeProject(fields(answer), resource.inputs) }];
  },
  async exists(resource, setup) {
    return (await (await ask(resource, setup)).get(`/v9/projects/${part(resource.id ?? "")}`)) !== undefined;
  },
};

const domainPath = (props: Props | undefined) =>
  `/v9/projects/${part(textOf(props, "projectId") ?? "")}/domains/${part(textOf(props, "domain") ?? "")}`;

/** A domain of a project: the project is ours, so what is attached to it is as well. */
export const projectDomain: Live = {
  async find(resource, setup) {
    const domain = textOf(resource.inputs, "domain");
    const projectId = textOf(resource.inputs, "projectId");
    if (domain === undefined || projectId === undefined) return undefined;
    const answer = await (await ask(resource, setup)).get(domainPath(resource.inputs));
    const id = textOf(fields(answer), "name");
    if (id === undefined) return [];
    const importId = withTeam(resource, `${projectId}/${id}`);
    return [{ id, importId, unique: true, ours: true, why: "is attached to the declared project" }];
  },
  async exists(resource, setup) {
    return (await (await ask(resource, setup)).get(domainPath(resource.outputs ?? resource.inputs))) !== undefined;
  },
};

const stateOf = (deployment: Props): NonNullable<Found["state"]> => {
  const state = textOf(deployment, "readyState") ?? textOf(deployment, "state");
  if (state === "ERROR" || state === "CANCELED" || state === "DELETED") return "failed";
  // The provider takes a deployment for done when its aliases are assigned, and an alias error for a failure.
  if (state !== "READY") return "building";
  if (deployment.aliasError) return "failed";
  return deployment.aliasAssigned || deployment.readySubstate === "STAGED" ? "ready" : "building";
};

/** Whether a deployment was made of the declared commit, or of the declared branch where no commit is declared. Pure. */
function isOfRef(deployment: Props, ref: string): boolean {
  const meta = objectOf(deployment, "meta");
  const source = objectOf(deployment, "gitSource");
  const said = ["github", "gitlab", "bitbucket"].flatMap((kind) => [
    textOf(meta, `${kind}CommitSha`),
    textOf(meta, `${kind}CommitRef`),
  ]);
  return [...said, textOf(source, "sha"), textOf(source, "ref")].includes(ref);
}

/**
 * The deployments that an interrupted create may have made: those of the declared commit that no later deployment of
 * another commit follows. An older one is an earlier release: what is live came after it, so taking it for the new one
 * would claim a release that was never made. Failed builds in between say nothing. Pure.
 *
 * @param deployments of one project and target, newest first
 */
export function candidates(deployments: readonly Props[], ref: string): readonly Props[] {
  const found: Props[] = [];
  for (const deployment of deployments) {
    if (isOfRef(deployment, ref)) found.push(deployment);
    else if (stateOf(deployment) !== "failed") break;
  }
  return found;
}

/** A deployment: has no name, so it is known by project, target and commit. Its type has no importer. */
export const deployment: Live = {
  nameless: true,
  async find(resource, setup) {
    const projectId = textOf(resource.inputs, "projectId");
    const ref = textOf(resource.inputs, "ref");
    if (projectId === undefined || ref === undefined) return undefined;
    const production = resource.inputs?.production === true;
    const query = { projectId, limit: NEWEST, ...(production ? { target: "production" } : {}) };
    const asked = await ask(resource, setup);
    const answer = fields(await asked.get("/v6/deployments", query));
    const newest = [...listOf(answer.deployments)].sort((a, b) => created(b) - created(a));
    return candidates(newest, ref).map((found): Found => {
      const id = textOf(found, "uid") ?? textOf(found, "id") ?? "";
      return {
        id,
        outputs: declared(resource, id),
        ours: true,
        why: `is the project's newest deployment of ${ref.slice(0, 7)}`,
        unique: false,
        state: stateOf(found),
      };
    });
  },
  async exists(resource, setup) {
    return (await (await ask(resource, setup)).get(`/v13/deployments/${part(resource.id ?? "")}`)) !== undefined;
  },
};

/**
 * A release: making it again looks first and goes on with what is there, so that its create needs no look. Its update may
 * have promoted another deployment than the state says.
 */
export const release: Live = {
  compare: true,
  async exists(resource, setup) {
    return (await (await ask(resource, setup)).get(`/v9/projects/${part(resource.id ?? "")}`)) !== undefined;
  },
};

const created = (item: Props): number => Number(item.created ?? item.createdAt ?? 0);
