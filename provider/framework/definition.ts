import type { Properties, Props } from "./properties.ts";

/** Common to all calls about one resource. `client` is what {@link ProviderDefinition.configure} returned. */
export interface ResourceCall<Client> {
  readonly client: Client;
  readonly urn: string;
  /** The logical name: the URN's last part. */
  readonly name: string;
  /** Aborted when the engine is gone, or the resource's custom time-out is over. Use it for waiting, not for single writes. */
  readonly signal: AbortSignal;
}

/** Check: cross-field rules and names. `inputs` may hold {@link UNKNOWN} anywhere and may be changed in place. */
export interface CheckCall<Client = unknown> {
  /** Undefined while the provider is not configured (its configuration holds unknowns). For live checks, which few providers make. */
  readonly client: Client | undefined;
  readonly urn: string;
  readonly name: string;
  readonly inputs: Props;
  /** The inputs of the resource as it is in the state; undefined for a new one. */
  readonly olds: Props | undefined;
  /** Stable between a preview and its update; empty when the engine sends none. */
  readonly randomSeed: Uint8Array;
  /** Reports a problem at a property path such as `environments[0].target`. */
  fail(path: string, reason: string): void;
}

/** Create: `inputs` has the defaults filled in and no unknowns. Undeclared inputs are absent. */
interface CreateCall<Client> extends ResourceCall<Client> {
  readonly inputs: Props;
}

/** What exists now. Inputs that `outputs` leaves out (undefined) keep the value that was asked for. */
interface Created {
  readonly id: string;
  readonly outputs: Props;
}

/** Read: refresh (state and inputs as known) or import (`importing`; both empty). */
export interface ReadCall<Client> extends ResourceCall<Client> {
  readonly id: string;
  readonly state: Props;
  readonly inputs: Props;
  readonly importing: boolean;
}

/** What Read found. `inputs` is derived from `outputs` when left out. */
interface ReadResult extends Created {
  readonly inputs?: Props;
}

/** Update: `inputs` like in {@link CreateCall}; `changed` are the top-level properties that differ from the state. */
interface UpdateCall<Client> extends ResourceCall<Client> {
  readonly id: string;
  readonly inputs: Props;
  readonly state: Props;
  readonly changed: ReadonlySet<string>;
}

/** Delete: `state` is what the state file holds. A 404 counts as done. */
interface DeleteCall<Client> extends ResourceCall<Client> {
  readonly id: string;
  readonly state: Props;
}

/** Diff extras: `planned` is the new state as far as known. May add replacements for paths that the schema cannot state. */
export interface DiffCall {
  readonly id: string;
  readonly state: Props;
  readonly planned: Props;
  /** Makes a changed top-level property force a replacement. */
  replace(property: string): void;
  /** Takes a top-level property out of the difference. */
  ignore(property: string): void;
  /** Adds a difference that the schema cannot state, e.g. of an output. */
  differ(path: string, kind: "add" | "delete" | "update"): void;
}

/** A resource type: its properties and the calls that make it so. */
export interface ResourceDefinition<Client> {
  readonly properties: Properties;
  /** A replacement deletes first. @default false */
  readonly deleteBeforeReplace?: boolean;
  check?(call: CheckCall<Client>): void | Promise<void>;
  diff?(call: DiffCall): void;
  /** Refines what a preview shows; `planned` has unknowns for outputs. */
  preview?(call: { readonly planned: Props; readonly state: Props | undefined }): void;
  /** Makes it. Throws {@link PartialFailure} when it exists but is not as asked, {@link ApiError} or any error otherwise. */
  create(call: CreateCall<Client>): Promise<Created>;
  /** Reads it; undefined when it is gone. Without it, refresh keeps the state. */
  read?(call: ReadCall<Client>): Promise<ReadResult | undefined>;
  /** Changes it in place and returns its outputs. Without it every change must replace. */
  update?(call: UpdateCall<Client>): Promise<Props>;
  /** Removes it. Without it, nothing is called. */
  delete?(call: DeleteCall<Client>): Promise<void>;
}

/** A function (data source). */
export interface FunctionDefinition<Client> {
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** Unknown arguments never arrive: the SDK and the engine hold the call back. */
  invoke(call: { readonly client: Client; readonly inputs: Props; readonly signal: AbortSignal }): Promise<Props>;
}

/** A provider: name and version as the real one reports them, its configuration, resources and functions by token. */
export interface ProviderDefinition<Client> {
  readonly name: string;
  /** The version of the real plugin that is stood in for. */
  readonly version: string;
  readonly config: Properties;
  /**
   * An engine that is told to stop ends the calls it waits for, instead of waiting until they are done. For providers whose
   * calls may take long and can be cut short anywhere. @default false
   */
  readonly cancels?: boolean;
  /** Checks the configuration of an explicit or default provider. */
  checkConfig?(call: Pick<CheckCall, "inputs" | "fail">): void;
  /**
   * Makes the client out of the configuration (defaults and environment filled in, secrets plain).
   * Called for every engine that attaches; the same configuration may be configured many times.
   */
  configure(config: Props, signal: AbortSignal): Promise<Client> | Client;
  /** By token, e.g. `random:index/randomBytes:RandomBytes`. */
  readonly resources: Readonly<Record<string, ResourceDefinition<Client>>>;
  readonly functions: Readonly<Record<string, FunctionDefinition<Client>>>;
}

/** Types a definition's client without repeating it for every resource. */
export function defineProvider<Client>(definition: ProviderDefinition<Client>): ProviderDefinition<Client> {
  return definition;
}

/** Types a resource definition. */
export function defineResource<Client>(definition: ResourceDefinition<Client>): ResourceDefinition<Client> {
  return definition;
}

/** Types a function definition. */
export function defineFunction<Client>(definition: FunctionDefinition<Client>): FunctionDefinition<Client> {
  return definition;
}
