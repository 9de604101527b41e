import { type Props, type Resource, textOf } from "../state.ts";
import { type Kind, type Look, part } from "./kind.ts";

function environmentPath(resource: Resource, look: Look): string {
  const props: Props | undefined = resource.outputs ?? resource.inputs;
  const repository = textOf(props, "repository") ?? "";
  return `/repos/${part(look.githubOwner(resource))}/${part(repository)}/environments/${part(textOf(props, "environment") ?? "")}`;
}

/** An environment of a repository: made by PUT, so that only its deletion needs a look. */
export const repositoryEnvironment: Kind = {
  async exists(resource, look) {
    return (await look.github(resource).get(environmentPath(resource, look))) !== undefined;
  },
};

/** A secret: made by PUT; its value can neither be read nor compared. */
export const environmentSecret: Kind = {
  async exists(resource, look) {
    const name = part(textOf(resource.outputs ?? resource.inputs, "secretName") ?? "");
    return (await look.github(resource).get(`${environmentPath(resource, look)}/secrets/${name}`)) !== undefined;
  },
};
