import { ReadApi } from "./http.ts";
import { fields, type Look } from "./kinds/kind.ts";
import { type Exported, type Props, type Resource, textOf } from "./state.ts";

/** GitHub's REST API for a base URL as the provider takes it; a foreign host means Enterprise. Pure. */
export function githubRest(baseUrl: string): string {
  const url = new URL(baseUrl);
  if (url.hostname === "github.com" || url.hostname === "api.github.com") return "https://api.github.com";
  if (/^api\.[a-z0-9-]+\.ghe\.com$/i.test(url.hostname)) return url.origin;
  if (/\.ghe\.com$/i.test(url.hostname)) return `${url.protocol}//api.${url.host}`;
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/api\/v3$/, "")}/api/v3`;
}

/**
 * The vendors' APIs as the stack's own providers are set up: tokens and base URLs from the environment, team and owner
 * from the providers' entries in the state.
 */
export function connect(state: Exported, env: NodeJS.ProcessEnv): Look {
  const providers = new Map<string, Props>();
  for (const { urn, id, type, inputs } of state.deployment.resources ?? []) {
    if (type.startsWith("pulumi:providers:")) providers.set(`${urn}::${id}`, inputs ?? {});
  }
  const settings = (resource: Resource): Props => providers.get(resource.provider ?? "") ?? {};
  const base = (name: string, fallback: string) => (env[name] || fallback).replace(/\/+$/, "");
  const made = new Map<string, ReadApi>();
  const api = (key: string, make: () => ReadApi): ReadApi => {
    const known = made.get(key) ?? make();
    made.set(key, known);
    return known;
  };

  const vercelFor = (team: string | undefined) =>
    api(`vercel ${team ?? ""}`, () => {
      const query = team === undefined ? {} : { query: { teamId: team } };
      const baseUrl = base("VERCEL_API_URL", "https://api.vercel.com");
      return new ReadApi({
        vendor: "Vercel",
        baseUrl,
        tokenName: "VERCEL_API_TOKEN",
        token: env.VERCEL_API_TOKEN,
        ...query,
      });
    });
  const teamIds = new Map<string, Promise<string>>();
  // The API takes ids in `teamId`; the provider is configured with either. Only its own look-up tells them apart.
  const teamId = (team: string): Promise<string> => {
    if (team.startsWith("team_")) return Promise.resolve(team);
    const known =
      teamIds.get(team) ??
      vercelFor(undefined)
        .get(`/v2/teams/${encodeURIComponent(team)}`)
        .then((answer) => textOf(fields(answer), "id") ?? team);
    teamIds.set(team, known);
    return known;
  };

  return {
    async vercel(resource) {
      const own = textOf(resource.inputs, "teamId") ?? textOf(resource.outputs, "teamId");
      const team = own ?? textOf(settings(resource), "team") ?? env.VERCEL_TEAM_ID;
      return vercelFor(team === undefined || team === "" ? undefined : await teamId(team));
    },
    cloudflare: () =>
      api("cloudflare", () => {
        const baseUrl = base("CLOUDFLARE_BASE_URL", "https://api.cloudflare.com/client/v4");
        const token = env.CLOUDFLARE_API_TOKEN;
        return new ReadApi({ vendor: "Cloudflare", baseUrl, tokenName: "CLOUDFLARE_API_TOKEN", token });
      }),
    github: () =>
      api("github", () => {
        const baseUrl = githubRest(base("GITHUB_BASE_URL", "https://api.github.com"));
        return new ReadApi({ vendor: "GitHub", baseUrl, tokenName: "GITHUB_TOKEN", token: env.GITHUB_TOKEN });
      }),
    githubOwner: (resource) => textOf(settings(resource), "owner") ?? env.GITHUB_OWNER ?? "",
  };
}
