import type { Props } from "./live.ts";

/** Where the builds of a release are. */
interface BuildPlace {
  /** The vendor's id of the project. */
  readonly projectId: string;
  /** Slug or id of the account or team. @default the token's own */
  readonly team?: string;
}

/** A build that is asked for. */
export interface BuildQuestion extends BuildPlace {
  /** 40 hex digits. */
  readonly commit: string;
}

/** Whether a commit's build is still there, ready to be served: `gone` = its project is not. */
export type BuildAnswer = "yes" | "no" | "gone" | "unknown";

/** What a project is, by its entry in a state. */
interface ProjectFacts {
  readonly name: string;
  /** `owner/name` */
  readonly repository: string;
  readonly rootDirectory: string;
  readonly framework: string | null;
}

/** What only the vendor that builds and serves the sites is asked. */
export interface Hosting {
  /** Pulumi package of the provider that releases have. */
  readonly releases: string;
  /** Environment variable with the secret that passes deployment protection. */
  readonly bypass: string;
  /** The record by which the apex of a zone, where no CNAME may be, leads to the sites. */
  readonly apex: { readonly type: "A"; readonly content: string };
  /** Address of a deployment, as an example. */
  readonly example: string;
  /** Where a release's builds are; undefined while it has no project. Pure. @param release its outputs @param provider its provider's inputs */
  placeOf(release: Props | undefined, provider: Props | undefined): BuildPlace | undefined;
  /** What a project's inputs say of it. Pure. */
  projectOf(inputs: Props | undefined): ProjectFacts;
  /** Whether its provider brings a project that is there from one to the other, and makes no new one for it. Pure. @param before declared @param now declared */
  updatesInPlace(before: { readonly name: string }, now: { readonly name: string }): boolean;
  /**
   * Asks whether builds are still there: they may have been deleted by hand, or by the project's retention. Never rejects: where
   * the vendor does not answer in time it is not known.
   *
   * @param env with the token and, if it is elsewhere, the address of the API
   * @param patienceMs longest time for all questions, ms
   * @returns one answer a question, in their order
   */
  lookForBuilds(
    questions: readonly BuildQuestion[],
    env: NodeJS.ProcessEnv,
    patienceMs: number,
  ): Promise<BuildAnswer[]>;
}
