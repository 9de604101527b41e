import {
  addressIn,
  type Live,
  type LiveResource,
  type Props,
  part,
  type ReadClient,
  type ReadOptions,
  type Setup,
  textOf,
} from "../live.ts";
import { ADDRESS_VARIABLE } from "./api.ts";

/** GitHub's REST API for a base URL as the provider takes it; a foreign host means Enterprise. Pure. */
export function githubRest(baseUrl: string): string {
  const url = new URL(baseUrl);
  if (url.hostname === "github.com" || url.hostname === "api.github.com") return "https://api.github.com";
  if (/^api\.[a-z0-9-]+\.ghe\.com$/i.test(url.hostname)) return url.origin;
  if (/\.ghe\.com$/i.test(url.hostname)) return `${url.protocol}//api.${url.host}`;
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/api\/v3$/, "")}/api/v3`;
}

/** The API as the stack's provider asks it. */
const ask = ({ env, once, connect }: Setup): ReadClient => once("github", () => connect(readOptions(env)));

/** How the API is read with an environment's token. Pure. */
export const readOptions = (env: Readonly<Record<string, string | undefined>>): ReadOptions => ({
  vendor: "GitHub",
  baseUrl: githubRest(addressIn(env, ADDRESS_VARIABLE, "https://api.github.com")),
  tokenName: "GITHUB_TOKEN",
  token: env.GITHUB_TOKEN,
});

/** Owner of the repositories that the resource's provider works on. */
const ownerOf = (resource: LiveResource, { env, settings }: Setup): string =>
  textOf(settings(resource), "owner") ?? env.GITHUB_OWNER ?? "";

function environmentPath(resource: LiveResource, setup: Setup): string {
  const props: Props | undefined = resource.outputs ?? resource.inputs;
  const repository = textOf(props, "repository") ?? "";
  return `/repos/${part(ownerOf(resource, setup))}/${part(repository)}/environments/${part(textOf(props, "environment") ?? "")}`;
}

/** An environment of a repository: made by PUT, so that only its deletion needs a look. */
export const repositoryEnvironment: Live = {
  async exists(resource, setup) {
    return (await ask(setup).get(environmentPath(resource, setup))) !== undefined;
  },
};

/** A secret: made by PUT; its value can neither be read nor compared. */
export const environmentSecret: Live = {
  async exists(resource, setup) {
    const name = part(textOf(resource.outputs ?? resource.inputs, "secretName") ?? "");
    return (await ask(setup).get(`${environmentPath(resource, setup)}/secrets/${name}`)) !== undefined;
  },
};
