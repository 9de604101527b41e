import type { Catalog } from "./types.ts";

/** Where jobs get the estate's secrets from: `repository` is `owner/name`, empty where none is declared. Pure. */
export const secretsHome = ({ secrets }: Pick<Catalog, "secrets">): Catalog["secrets"]["github"] => secrets.github;
