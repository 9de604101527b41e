/** A resource as a state has it (apitype.ResourceV3): what is looked at here, and whatever else the engine wrote. */
export interface Resource {
  readonly urn: string;
  readonly type?: string;
  readonly parent?: string;
  readonly provider?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
  readonly replaceWith?: readonly string[];
  readonly deletedWith?: string;
  readonly viewOf?: string;
  readonly aliases?: readonly string[];
  /** Replaced already; waits for its deletion. */
  readonly delete?: boolean;
  /** Deleted already; waits for what replaces it. */
  readonly pendingReplacement?: boolean;
  readonly taint?: boolean;
  readonly refreshBeforeUpdate?: boolean;
  readonly resourceHooks?: Readonly<Record<string, unknown>>;
  readonly extensionRef?: string;
  readonly snippetID?: string;
  readonly [field: string]: unknown;
}

/** What an engine had begun and not ended (apitype.OperationV2). */
export interface Operation {
  readonly resource: Resource;
  /** `creating`, `updating`, `deleting`, `reading` or `importing`. */
  readonly type: string;
}

/** A piece of program that a state keeps (apitype.SnippetV1). */
export interface Snippet {
  readonly references?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** What a stack holds (apitype.DeploymentV3), without who wrote it and when. Empty lists are left out, as the engine does. */
export interface Deployment {
  readonly secrets_providers?: unknown;
  readonly resources?: readonly Resource[];
  readonly pending_operations?: readonly Operation[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly snippets?: readonly Snippet[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** A deployment with the form that it needs (apitype.TypedDeployment). */
export interface TypedDeployment {
  /** 3, or 4 where it has features that older engines must not read. */
  readonly version: number;
  /** Names of those features, in order. */
  readonly features: readonly string[];
  readonly deployment: Deployment;
}
