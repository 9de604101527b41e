import { isStackUrn, nameOfUrn, typeOfUrn } from "../../provider/framework/urn.ts";
import type { Left } from "../backend/service/state-part.ts";
import { diffsOf, type PropertyDiff, type StepMetadata } from "./diffs.ts";
import type { EngineEvent } from "./event-log.ts";
import { isPermanent, refusalIn } from "./refusal.ts";
import { withoutRoot } from "./values.ts";

/** What the engine does, or would do, to one resource. */
export interface Step {
  /** `create`, `update`, `replace`, `delete`, `same`, `read`, `refresh`, `import`, … as the engine names it. */
  readonly op: string;
  readonly urn: string;
  /** Pulumi type, e.g. `vercel:index/project:Project`. */
  readonly type: string;
  /** Logical name, the last part of the URN. */
  readonly name: string;
  /** Property paths that differ, old and new value; all inputs of what is created or deleted. Secrets are masked. */
  readonly diffs: readonly PropertyDiff[];
  /** Properties that make the engine replace the resource. */
  readonly keys?: readonly string[];
  /** The vendor's id of what is there now; absent for what is created. */
  readonly id?: string;
  /** Logical name of the component it belongs to: the site, zone or service. */
  readonly parent?: string;
  /** The engine will refuse to delete or replace it. */
  readonly protect?: true;
  /** A grouping of ours, nothing at a vendor. */
  readonly component?: true;
  /** Where it comes from; known after a preview that compared with what is live. */
  readonly cause?: "code" | "drift" | "both";
}

/** Counts by operation, in the words of the summary. */
export interface Counts {
  readonly created: number;
  readonly changed: number;
  readonly replaced: number;
  readonly deleted: number;
  readonly unchanged: number;
}

/** What a component of ours says of itself, e.g. what a deployment would do on the host. */
export interface Note {
  /** Logical name of the component. */
  readonly subject: string;
  readonly level: "info" | "warning";
  /** One line or several. */
  readonly text: string;
}

/** A resource whose operation failed. */
export interface FailedStep {
  /** Pulumi type. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /** Code of our own provider's error. */
  readonly code?: string;
  /** What it says, in a sentence. */
  readonly message?: string;
}

/** What one operation on one stack came to. */
export interface Outcome {
  /** Steps other than `same`, in the engine's order; a replacement is one step. */
  readonly steps: readonly Step[];
  readonly counts: Counts;
  /** Messages of severity error, without colours. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** What components say of themselves, by their names. */
  readonly notes?: readonly Note[];
  /** What failed, as far as the engine got to say it. */
  readonly failed?: readonly FailedStep[];
  /** The engine ended the operation by itself (it prints a summary then). */
  readonly finished: boolean;
  /** No operation on an object was begun, or the vendor refused every one for good: nothing can have changed. */
  readonly untouched?: true;
  /** Digest of the desired state that the program declared: the stack's output `digest`. */
  readonly desired?: string;
}

const STACK = "pulumi:pulumi:Stack";
/** Operations that stand for a replacement as a whole or are parts of one. */
const PARTS_OF_REPLACE = new Set(["create-replacement", "delete-replaced", "discard-replaced"]);
/** Not changes of what exists. */
const QUIET = new Set(["same", "read", "read-replacement", "refresh", "discard"]);

/** The resource whose operation has ended by this event, well or not; undefined for every other event. Pure. */
export function endedUrn(event: EngineEvent): string | undefined {
  return (event.resOutputsEvent ?? event.resOpFailedEvent)?.metadata.urn;
}

/** Whether resources of a type are the engine's bookkeeping, no part of the estate. Pure. */
export const isBookkeeping = (type: string): boolean =>
  type === STACK || type === "pulumi:pulumi:StackReference" || type.startsWith("pulumi:providers:");

/** The stack's output `digest`, where an event tells it. Pure. */
export function digestIn({ resOutputsEvent }: EngineEvent): string | undefined {
  const metadata = resOutputsEvent?.metadata;
  const digest: unknown = metadata?.type === STACK ? metadata.new?.outputs?.digest : undefined;
  return typeof digest === "string" ? digest : undefined;
}

/** Collects what an operation's events say. */
export class OutcomeBuilder {
  readonly #steps = new Map<string, Step>();
  /** Old halves of replacements, by URN; what is left of an earlier, broken run has no other half. */
  readonly #leftovers = new Map<string, Step>();
  readonly #errors: string[] = [];
  readonly #warnings: string[] = [];
  readonly #notes: Note[] = [];
  readonly #failed: FailedStep[] = [];
  readonly #troubled = new Set<string>();
  /** URNs whose operations vendors have refused for good. */
  readonly #refused = new Set<string>();
  /** URNs that a provider was asked about, be it only to read. */
  readonly #asked = new Set<string>();
  /** URNs of objects on which an operation was begun. */
  readonly #begun = new Set<string>();
  #unchanged = 0;
  #left: Left | undefined;
  #finished = false;
  #desired: string | undefined;

  /** Takes one event; returns the step it reports, if it is one that counts as a change. */
  add(event: EngineEvent): Step | undefined {
    if (event.summaryEvent) this.#finished = true;
    if (event.diagnosticEvent) this.#diagnose(event.diagnosticEvent);
    this.#desired = digestIn(event) ?? this.#desired;
    // An operation that failed has changed nothing that the summary may count; its message is among the errors.
    const failed = event.resOpFailedEvent?.metadata;
    if (failed !== undefined) {
      this.#steps.delete(failed.urn);
      this.#troubled.add(failed.urn);
      // The engine deletes nothing that is protected, and asks no provider about it.
      if (failed.op.startsWith("delete") && failed.old?.protect === true) this.#refused.add(failed.urn);
      this.#failed.push(failedStep(failed));
    }
    const metadata = event.resourcePreEvent?.metadata;
    if (!metadata) return undefined;
    const { op, urn, type } = metadata;
    if (isBookkeeping(type)) return undefined;
    if (op === "same") this.#unchanged += urn === this.#left?.witness ? 1 + this.#left.resources : 1;
    else this.#asked.add(urn);
    if (!QUIET.has(op) && (metadata.new ?? metadata.old)?.custom !== false) this.#begun.add(urn);
    if (op === "delete-replaced") this.#leftovers.set(urn, stepOf(metadata, "delete"));
    if (QUIET.has(op) || PARTS_OF_REPLACE.has(op)) return undefined;
    const step = stepOf(metadata, op);
    this.#steps.set(urn, step);
    return step;
  }

  /** What the engine was not given of the state. */
  left(left: Left): void {
    this.#left = left;
  }

  #diagnose({ severity, message, urn }: NonNullable<EngineEvent["diagnosticEvent"]>): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes are control characters
    const text = message.replace(/<\{%[^%]*%\}>|\u001b\[[0-9;]*m/g, "").trim();
    const level = severity === "warning" ? "warning" : severity === "info" ? "info" : undefined;
    if (level !== undefined && text !== "" && urn !== undefined && typeOfUrn(urn).startsWith("sitefleet:")) {
      this.#notes.push({ subject: nameOfUrn(urn), level, text: text.replace(/^(info|warning): /, "") });
      return;
    }
    if (text === "" || (severity !== "error" && severity !== "warning")) return;
    // The stack's own is only that the operation failed.
    if (severity === "error" && urn && !isStackUrn(urn)) {
      this.#troubled.add(urn);
      const refusal = refusalIn(typeOfUrn(urn), text);
      if (refusal !== undefined && isPermanent(refusal)) this.#refused.add(urn);
    }
    const line = withoutRoot(urn && !text.includes(urn) ? `${nameOfUrn(urn)}: ${text}` : text);
    (severity === "error" ? this.#errors : this.#warnings).push(line);
  }

  /** URNs of what an error was reported for, in alphabetical order. */
  troubled(): readonly string[] {
    return [...this.#troubled].sort();
  }

  /**
   * Whether trying again cannot help. Then every failure is lasting: a vendor's refusal, or one of the engine before it called a
   * provider (the object is protected, its inputs are not valid).
   *
   * @param lasting an update, in which the engine tells of each operation that it begins; previews do not
   */
  hopeless(lasting: boolean): boolean {
    const byEngine = (urn: string) =>
      lasting && !this.#asked.has(urn) && !typeOfUrn(urn).startsWith("pulumi:providers:");
    return this.#troubled.size > 0 && [...this.#troubled].every((urn) => this.#refused.has(urn) || byEngine(urn));
  }

  /** All that was collected. */
  outcome(): Outcome {
    const replaced = new Set(
      [...this.#steps.values()].filter(({ op }) => op.includes("replace")).map(({ urn }) => urn),
    );
    const leftovers = [...this.#leftovers.values()].filter(({ urn }) => !replaced.has(urn));
    const steps = [...this.#steps.values(), ...leftovers];
    const count = (...ops: string[]) => steps.filter(({ op }) => ops.includes(op)).length;
    return {
      steps,
      counts: {
        created: count("create", "import"),
        changed: count("update"),
        replaced: count("replace", "import-replacement"),
        deleted: count("delete"),
        unchanged: this.#unchanged,
      },
      errors: this.#errors,
      warnings: this.#warnings,
      notes: this.#notes.length > 0 ? [...this.#notes].sort((a, b) => (a.subject < b.subject ? -1 : 1)) : undefined,
      failed: this.#failed.length > 0 ? this.#failed : undefined,
      ...([...this.#begun].every((urn) => this.#refused.has(urn)) ? { untouched: true as const } : {}),
      finished: this.#finished,
      desired: this.#desired,
    };
  }
}

/** A step as the engine's metadata describe it. Pure. */
function stepOf(metadata: StepMetadata, op: string): Step {
  const { urn, type, old, new: next, keys } = metadata;
  const state = next ?? old;
  const id = old?.id ?? "";
  return {
    op,
    urn,
    type,
    name: nameOfUrn(urn),
    diffs: diffsOf(metadata),
    keys: keys && keys.length > 0 ? [...keys].sort() : undefined,
    id: id === "" ? undefined : id,
    parent: state == null || state.parent === "" || isStackUrn(state.parent) ? undefined : nameOfUrn(state.parent),
    protect: old?.protect === true ? (true as const) : undefined,
    component: state?.custom === true ? undefined : (true as const),
  };
}

/** What our provider keeps of a release that did not go live, see `provider/release/outputs.ts`. */
function failedStep({ type, urn, new: state }: StepMetadata): FailedStep {
  const { code, message }: { code?: unknown; message?: unknown } = state?.outputs?.pending ?? {};
  const said = typeof message === "string" ? { message } : {};
  return { type, name: nameOfUrn(urn), ...(typeof code === "string" ? { code, ...said } : {}) };
}

/** No changes at all. */
export const NO_COUNTS: Counts = { created: 0, changed: 0, replaced: 0, deleted: 0, unchanged: 0 };

/** Sum of two counts. */
export function addCounts(a: Counts, b: Counts): Counts {
  return {
    created: a.created + b.created,
    changed: a.changed + b.changed,
    replaced: a.replaced + b.replaced,
    deleted: a.deleted + b.deleted,
    unchanged: a.unchanged + b.unchanged,
  };
}

/** Number of changes, whatever their kind. */
export function changes(counts: Counts): number {
  return counts.created + counts.changed + counts.replaced + counts.deleted;
}
