import type { ReadApi } from "../http.ts";
import { objectOf, type Props, type Resource } from "../state.ts";
import type { Found } from "../types.ts";

/** The vendors' APIs as one resource's provider is set up for. */
export interface Look {
  vercel(resource: Resource): Promise<ReadApi>;
  cloudflare(resource: Resource): ReadApi;
  github(resource: Resource): ReadApi;
  /** Owner of the repositories that the resource's provider works on. */
  githubOwner(resource: Resource): string;
}

/** How the objects of one resource type are found at their vendor. */
export interface Kind {
  /** The vendor admits any number of the same: a repeat is never refused. @default false */
  readonly nameless?: boolean;
  /** An interrupted update may have changed what is live: the state's entry is compared, also where a repeat is harmless. @default false */
  readonly compare?: boolean;
  /**
   * What the vendor has under the identity that the resource declares, newest first. Undefined: the type's creates need
   * no look, because a repeat is harmless. Answers undefined when the declared properties identify nothing.
   *
   * @throws SitefleetError `repair.vendor`
   */
  readonly find?: (resource: Resource, look: Look) => Promise<readonly Found[] | undefined>;
  /**
   * Whether the object of a state's entry is still there.
   *
   * @throws SitefleetError `repair.vendor`
   */
  readonly exists?: (resource: Resource, look: Look) => Promise<boolean>;
}

/** Any answer as an object, for reading its fields. Pure. */
export function fields(value: unknown): Props {
  return objectOf({ value }, "value") ?? {};
}

/** A list in an answer. Pure. */
export function listOf(value: unknown): readonly Props[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

/** One part of a path. Pure. */
export const part = (text: string): string => encodeURIComponent(text);
