import { z } from "zod";
import { unpacked } from "./unpacked.ts";

/**
 * What can be wrong with a state:
 * - `empty`: no byte of content
 * - `cut-off`: it ends too early (a full disk, lost power)
 * - `no-json`: something else stands in it
 * - `compressed`: compressed, and cannot be unpacked
 * - `version`: written in a form that is not known here
 * - `shape`: JSON, and no state
 * - `foreign`: the state of another stack or project
 * - `directory`: a directory stands in the file's place
 * - `gone`: there is none, although the stack had one
 * - `older`: an earlier state has been put in place of the last one
 */
type DamageKind =
  | "empty"
  | "cut-off"
  | "no-json"
  | "compressed"
  | "version"
  | "shape"
  | "foreign"
  | "directory"
  | "gone"
  | "older";

/** What is wrong, in a word for programs and in one sentence for people. */
export interface Damage {
  readonly kind: DamageKind;
  /** Completes "its state …". */
  readonly says: string;
}

const resourceSchema = z.looseObject({ urn: z.string(), type: z.string() });
const latestSchema = z.looseObject({
  manifest: z.looseObject({ time: z.string().optional() }).nullish(),
  secrets_providers: z.looseObject({ type: z.string() }).nullish(),
  resources: z.array(resourceSchema).nullish(),
  pending_operations: z.array(z.looseObject({ resource: resourceSchema, type: z.string() })).nullish(),
});
/** Versions of the form that have the same outline (sdk/go/common/apitype, 3.276): 4 adds what else must be understood. */
const KNOWN_VERSIONS = [3, 4];

/** A resource of a state; unknown fields are kept. */
export type AnyResource = z.infer<typeof resourceSchema>;

/** A state that was read whole. */
interface WholeState {
  readonly damage?: undefined;
  /** The document as it stands there. */
  readonly document: unknown;
  /** Time of its last write, ISO 8601 as the engine wrote it; undefined when none is in it. */
  readonly time: string | undefined;
  readonly resources: readonly AnyResource[];
}

/** What reading a state comes to. */
export type ReadState = WholeState | { readonly damage: Damage };

const damaged = (kind: DamageKind, says: string): ReadState => ({ damage: { kind, says } });

/**
 * Reads a stack's state as backends keep it: compressed or not, whatever its file is called. Never throws; what cannot be
 * taken for the state of this stack is told as {@link Damage}. Pure.
 *
 * @param stack short name that all its URNs must bear
 * @param project name that all its URNs must bear
 */
export function readStateBytes(bytes: Uint8Array, stack: string, project: string): ReadState {
  const plain = unpack(bytes);
  if (!(plain instanceof Uint8Array)) return plain;
  const text = Buffer.from(plain).toString("utf8");
  if (text.trim() === "") return damaged("empty", `is empty (${bytes.length} bytes)`);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return noJson(text, error as Error);
  }
  return readDocument(document, stack, project);
}

/** The state's bytes without compression. */
function unpack(bytes: Uint8Array): Uint8Array | ReadState {
  try {
    return unpacked(bytes);
  } catch (error) {
    return damaged("compressed", `is compressed and cannot be unpacked (${(error as Error).message})`);
  }
}

function noJson(text: string, error: Error): ReadState {
  const zero = text.indexOf("\0");
  // What a file system leaves of pages that it had not written when power went.
  if (zero >= 0) return damaged("cut-off", `is cut off: from byte ${byteAt(text, zero)} on it holds zero bytes`);
  const at = placeOfError(text, error.message);
  if (at === undefined || at >= text.trimEnd().length)
    return damaged("cut-off", `is cut off after ${Buffer.byteLength(text)} bytes`);
  const line = text.slice(0, at).split("\n").length;
  return damaged("no-json", `is no JSON from byte ${byteAt(text, at)} on (line ${line})`);
}

/** Where the parser stopped; undefined when that is the end. It says a position, or shows ten characters on either side. */
function placeOfError(text: string, message: string): number | undefined {
  if (/unexpected end|unterminated/i.test(message)) return undefined;
  const position = /position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  const shown = /^Unexpected token .*?, (?:\.\.\.)?"([\s\S]*)"(?:\.\.\.)? is not valid JSON$/.exec(message)?.[1];
  const begins = shown === undefined ? -1 : text.indexOf(shown.replace(/\.\.\.$/, ""));
  return begins < 0 ? 0 : begins + (message.includes(', ..."') ? Math.min(10, (shown ?? "").length) : 0);
}

const byteAt = (text: string, position: number) => Buffer.byteLength(text.slice(0, position));

function readDocument(document: unknown, stack: string, project: string): ReadState {
  if (typeof document !== "object" || document === null || Array.isArray(document))
    return damaged("shape", "is JSON and no state");
  const { version, checkpoint } = document as { readonly version?: unknown; readonly checkpoint?: unknown };
  if (typeof version === "number" && !KNOWN_VERSIONS.includes(version))
    return damaged("version", `has version ${version}; known here are ${KNOWN_VERSIONS.join(" and ")}`);
  if (version === undefined || typeof checkpoint !== "object" || checkpoint === null)
    return damaged("shape", "is JSON and no state");
  // Older engines have written the names of a stack that they had just made with a capital.
  const fields = checkpoint as Readonly<Record<string, unknown>>;
  const latest = latestSchema.safeParse(fields.latest ?? fields.Latest ?? {});
  if (!latest.success) return damaged("shape", `has a form that is not known (${placeOf(latest.error)})`);
  const { resources, pending_operations: pending, manifest } = latest.data;
  const all = [...(resources ?? []), ...(pending ?? []).map(({ resource }) => resource)];
  const foreign = foreignOf(
    fields.stack ?? fields.Stack,
    all.map(({ urn }) => urn),
    stack,
    project,
  );
  if (foreign !== undefined) return damaged("foreign", foreign);
  return { document, time: manifest?.time, resources: resources ?? [] };
}

const placeOf = (error: z.ZodError) => error.issues[0]?.path.join(".") || "its outline";

/** Says whose state it is when that is another stack or project. */
function foreignOf(named: unknown, urns: readonly string[], stack: string, project: string): string | undefined {
  const own = `urn:pulumi:${stack}::${project}::`;
  const other = urns.find((urn) => !urn.startsWith(own));
  if (other !== undefined) {
    const [, theirs = other, theirProject = ""] = /^urn:pulumi:(.*?)::(.*?)::/.exec(other) ?? [];
    const count = urns.filter((urn) => !urn.startsWith(own)).length;
    const whose = theirs === stack ? `project ${theirProject}` : `stack ${theirs}`;
    return `is that of ${whose}: ${count} of ${urns.length} resources are its`;
  }
  const name = typeof named === "string" ? named.slice(named.lastIndexOf("/") + 1) : stack;
  return name === stack ? undefined : `is that of stack ${name}`;
}
