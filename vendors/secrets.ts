import type { LiveResource } from "./live.ts";

/** A secret as the vendor shows it: never its value. */
interface StoredSecret {
  readonly name: string;
  /** When it was last written, by whomever; ms since 1970. */
  readonly updatedAt: number;
}

/** How a vendor keeps secrets for jobs. */
export interface SecretStore {
  /** Ids in limits.yaml: secrets of an environment, and bytes of one. */
  readonly limits: { readonly count: string; readonly bytes: string };
  /**
   * All secrets of an environment; undefined when there is no such environment, or none that the token may see.
   *
   * @param repository `owner/name`
   * @throws SitefleetError `secrets.unread`
   */
  list(
    where: { readonly repository: string; readonly environment: string },
    env: Readonly<Record<string, string | undefined>>,
  ): Promise<readonly StoredSecret[] | undefined>;
  /** What a resource of a state says of our own last write; undefined for another resource. Pure. */
  written(resource: LiveResource): StoredSecret | undefined;
}
