import type { Hono } from "hono";
import { type Api, type Env, json, route } from "./api.ts";
import { ApiError } from "./errors.ts";
import { stableId } from "./ids.ts";

/** Entries that a search answers at most, as Vercel does. */
const MOST = 20;

/** Owners that the GitHub app is installed for, and the repositories that it may read there: those that projects can link. */
export function repositoryRoutes(app: Hono<Env>, api: Api): void {
  const all = () => [...(api.repositories ?? [])].map((name) => name.split("/") as [owner: string, name: string]);
  route(app, "get", [1], "/integrations/git-namespaces", (call) => {
    const owners = [...new Set(all().map(([owner]) => owner))].sort();
    return json(
      call,
      owners.map((slug) => ({
        provider: "github",
        slug,
        id: namespaceId(slug),
        ownerType: "organization",
        name: slug,
        installationId: 1,
      })),
    );
  });
  route(app, "get", [1], "/integrations/search-repo", (call) => {
    const [id, query = ""] = [call.req.query("namespaceId"), call.req.query("query")?.toLowerCase()];
    const owner = all().find(([slug]) => namespaceId(slug) === id)?.[0];
    if (owner === undefined) throw new ApiError(404, "not_found", "Git namespace not found");
    const found = all().filter(([slug, name]) => slug === owner && name.toLowerCase().includes(query));
    const repos = found.slice(0, MOST).map(([, name]) => ({
      id: stableId("repo", `${owner}/${name}`),
      provider: "github",
      url: `https://github.com/${owner}/${name}`,
      name,
      slug: name,
      namespace: owner,
      owner: { id, name: owner },
      ownerType: "team",
      private: true,
      defaultBranch: "main",
      updatedAt: api.now(),
    }));
    return json(call, { gitAccount: { provider: "github", namespaceId: id }, repos });
  });
}

const namespaceId = (slug: string): string => stableId("namespace", slug);
