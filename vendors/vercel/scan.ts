import { readProject } from "../../provider/vercel/shapes.ts";
import { listIn, type ProjectFacts, type Scanner, type ScanPage, type ScanTask, type Seen } from "../inventory.ts";
import { fields, objectOf, type Props, part, textOf } from "../live.ts";
import { readOptions, repositoryOf } from "./live.ts";
import { scopeOf, teamIn } from "./team.ts";

/** The API's largest page (https://vercel.com/docs/rest-api#pagination). */
const PAGE = "100";
const VENDOR = "vercel";

const task = (what: string, args: ScanTask["args"]): ScanTask => ({ vendor: VENDOR, what, args });

/** The page after this one: by the time of its last entry, so that what is made or deleted meanwhile moves no other entry. */
function after({ what, args }: ScanTask, answer: unknown): ScanTask[] {
  const next = objectOf(fields(answer), "pagination")?.next;
  return typeof next === "number" || typeof next === "string" ? [task(what, { ...args, until: String(next) })] : [];
}

/** A project as the catalog could declare it, with what it serves. Pure. */
export function projectSeen(raw: Props): Seen[] {
  const link = objectOf(raw, "link");
  const id = textOf(raw, "id") ?? "";
  const name = textOf(raw, "name") ?? id;
  const facts: Props & ProjectFacts = {
    repository: link === undefined ? undefined : repositoryOf(link),
    rootDirectory: textOf(raw, "rootDirectory") ?? "",
    framework: textOf(raw, "framework") ?? null,
  };
  const project: Seen = { vendor: VENDOR, role: "project", id, name, unsupported: whyNot(link), facts };
  const { live, rolledBackTo } = readProject(raw);
  // After a rollback by hand the hosts serve its target, while the project still shows what was there before.
  const served = rolledBackTo === undefined || rolledBackTo === live?.id ? live : { id: rolledBackTo, sha: undefined };
  if (served === undefined) return [project];
  return [
    project,
    { vendor: VENDOR, role: "release", id: served.id, name, of: id, automatic: true, facts: { commit: served.sha } },
  ];
}

function whyNot(link: Props | undefined): string | undefined {
  if (link === undefined) return "is linked to no repository: a release is built from a commit of one";
  const type = textOf(link, "type");
  return type === "github"
    ? undefined
    : `is linked to a repository at ${type ?? "an unknown place"}: the catalog knows those at GitHub`;
}

function domainSeen(raw: Props, of: string): Seen {
  const name = textOf(raw, "name") ?? "";
  const automatic = name.endsWith(".vercel.app") ? true : undefined;
  const redirect = textOf(raw, "redirect");
  const branch = textOf(raw, "gitBranch");
  const other = redirect ? `redirects to ${redirect}` : branch ? `shows branch ${branch}` : undefined;
  const unsupported = other && `${other}, which the catalog does not declare`;
  return { vendor: VENDOR, role: "site-domain", id: `${of}/${name}`, name, of, automatic, unsupported, facts: {} };
}

/** Reads a team's projects, each with its domains and the names of its variables. */
export const scan: Scanner = {
  api: ({ env, settings }) => ({ ...readOptions(env), query: scopeOf(teamIn(settings)) }),
  begin: ({ variables = true }) => [task("projects", variables ? { with: "variables" } : {})],
  async read(page, client): Promise<ScanPage> {
    const { project = "", until } = page.args;
    const query: Record<string, string> = until === undefined ? { limit: PAGE } : { limit: PAGE, until };
    if (page.what === "projects") {
      const answer = await client.get("/v9/projects", query);
      const seen = listIn(answer, "projects", page).flatMap(projectSeen);
      const projects = seen.filter(({ role }) => role === "project");
      const parts = projects.flatMap(({ id }) => [
        task("domains", { project: id }),
        ...(page.args.with === "variables" ? [task("variables", { project: id })] : []),
      ]);
      return { seen, next: [...after(page, answer), ...parts] };
    }
    const domains = page.what === "domains";
    const answer = await client.get(`/v9/projects/${part(project)}/${domains ? "domains" : "env"}`, query);
    // Deleted since it was listed.
    if (answer === undefined) return { seen: [], next: [] };
    if (domains) {
      return {
        seen: listIn(answer, "domains", page).map((raw) => domainSeen(raw, project)),
        next: after(page, answer),
      };
    }
    const seen = listIn(answer, "envs", page).map((raw): Seen => {
      const name = textOf(raw, "key") ?? "";
      return { vendor: VENDOR, role: "variable", id: `${project}/${textOf(raw, "id")}`, name, of: project, facts: {} };
    });
    return { seen, next: after(page, answer) };
  },
};
