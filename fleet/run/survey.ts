import { readFileSync } from "node:fs";
import pLimit from "p-limit";
import { parse } from "yaml";
import { z } from "zod";
import { environment } from "../../environment/index.ts";
import type { StackState } from "../../stacks/desired.ts";
import { digestOf } from "../../stacks/digest.ts";
import { fingerprint } from "../../stacks/fingerprint.ts";
import { SHARED_STACK, stackKind } from "../../stacks/names.ts";
import type { Inputs } from "../../stacks/program.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import {
  type IndexEntry,
  lastDeclared,
  onlyDeclared,
  readIndex,
  reasonToOpen,
  type StackIndex,
  updateIndex,
} from "../backend/index/stack-index.ts";
import { pulumi } from "../backend/pulumi.ts";
import { checkpointOf, resourcesOf } from "../backend/states/state-files.ts";
import { endedWell, stackVersions } from "../backend/states/versions.ts";
import { fileBackend } from "../backend/store/file-backend.ts";
import type { StackInfo } from "../engine/list-stacks.ts";
import { declaredCounts } from "./preflight/declared.ts";

/** Stacks that are asked for their outputs at once. */
const QUESTIONS_AT_ONCE = 4;

/** What is known of a stack without opening it. */
export interface Surveyed {
  readonly stack: string;
  /** Why it must be opened; undefined when it is as declared. */
  readonly reason: string | undefined;
  /** Its last update was ours and ended well, and since then nothing but its part of the catalog can have changed. @default not known */
  readonly declared?: boolean;
  /** Where nothing else can have changed and its part of the catalog has: digest of what that was. @default any of it may differ */
  readonly was?: string | undefined;
  /** Of a cell: digest of the state that its last update left, which was ours and ended well, by today's program and settings. @default not known */
  readonly settled?: string | undefined;
}

/** Options of {@link survey}. */
export interface SurveyOptions {
  readonly stacks: readonly string[];
  readonly infos: ReadonlyMap<string, StackInfo>;
  readonly inputs: Inputs;
  readonly configFile: string;
  /** Stacks that the catalog has emptied. */
  readonly retired: ReadonlySet<string>;
  /** Folder of the index. */
  readonly dir: string;
}

/**
 * Finds out which stacks differ from what is declared, by digests alone: the index is checked against the backend's one
 * list of last updates, and only a stack that the index does not know is asked for its `digest` output. Changes nothing in
 * the backend.
 */
export async function survey(options: SurveyOptions): Promise<Surveyed[]> {
  const config = readConfig(options.configFile);
  const index = await withShared(options);
  const limit = pLimit(QUESTIONS_AT_ONCE);
  return Promise.all(
    options.stacks.map(async (stack): Promise<Surveyed> => {
      if (options.retired.has(stack)) return { stack, reason: "the catalog has nothing for it any more" };
      const { entry, secrets } = await describe(stack, options.inputs, config, index);
      const { lastUpdate, resources = 0, version } = options.infos.get(stack) ?? {};
      const known = index.stacks[stack];
      const reason = reasonToOpen(known, { ...entry, lastUpdate });
      // Another machine's update, or ours after the index was lost: the stack itself has its digest. An empty stack is not asked. A
      // preview leaves such a stack where it had to make one, and asking takes half as long as the preview.
      const changed = lastUpdate !== undefined && known?.lastUpdate !== lastUpdate;
      const unsure = reason !== undefined && changed && resources > 0;
      if (
        unsure &&
        secrets === undefined &&
        (await limit(() => reachedDigest(stack))) === digestOf(entry.fingerprint)
      ) {
        note(options.dir, (now) => ({
          ...now,
          stacks: { ...now.stacks, [stack]: { ...entry, lastUpdate, version, found: true } },
        }));
        return { stack, reason: undefined, declared: true };
      }
      const declared = onlyDeclared(known, { ...entry, lastUpdate });
      const was = lastDeclared(known, { ...entry, lastUpdate });
      const settled = stackKind(stack)?.kind === "cell" && was !== undefined ? known?.content : undefined;
      return { stack, reason, declared, was: reason === undefined ? undefined : was, settled };
    }),
  );
}

/**
 * Writes down what was found out, so that it need not be asked again. Not into a backend: a preview changes no byte of one,
 * and where the state is a directory asking again is reading a file.
 */
function note(dir: string, change: (index: StackIndex) => StackIndex): void {
  const backend = fileBackend(environment());
  if (backend === undefined || !`${dir}/`.startsWith(`${backend}/`)) updateIndex(dir, change);
}

/** What the index says of a stack that is as declared now. */
async function describe(stack: string, inputs: Inputs, config: Configuration, index: StackIndex) {
  const state = await inputs.state(stack);
  const current = fingerprint(state, PROJECT_ROOT, config.plain, (map, name) => index.shared?.[map][name]);
  const secrets = secretsOf(state, config.encrypted, index.shared?.lastUpdate);
  return { entry: { fingerprint: current, secrets }, secrets };
}

/**
 * The digests of a stack that is as declared: with the ids of the shared stack, and without, from the time before it had them. Empty
 * for a stack that the catalog has nothing for.
 */
export async function declaredDigests(
  options: Pick<SurveyOptions, "infos" | "inputs" | "configFile" | "dir">,
  stacks: readonly string[],
): Promise<Map<string, string[]>> {
  const { plain } = readConfig(options.configFile);
  const index = await withShared(options);
  const found = stacks.map(async (stack) => {
    const state = await options.inputs.state(stack);
    const digest = (ids: Parameters<typeof fingerprint>[3]) => digestOf(fingerprint(state, PROJECT_ROOT, plain, ids));
    return [stack, [digest((map, name) => index.shared?.[map][name]), digest(() => undefined)]] as const;
  });
  return new Map((await Promise.all(found)).map(([stack, digests]) => [stack, [...digests]]));
}

/** Stacks that read encrypted values also depend on those, and the host's on the shared stack's generated ones. */
function secretsOf(state: StackState, encrypted: string, sharedUpdate: string | undefined): string | undefined {
  if (state.kind === "cell") return undefined;
  return digestOf(state.kind === "shared" ? encrypted : [encrypted, sharedUpdate ?? null]);
}

/** What a configuration file says. */
interface Configuration {
  readonly plain: Readonly<Record<string, unknown>>;
  /** Digest of the encrypted values as they stand there. */
  readonly encrypted: string;
}

/** The configuration file's plain values, and its encrypted ones as they stand there. */
function readConfig(file: string): Configuration {
  const config = (parse(readFileSync(file, "utf8"))?.config ?? {}) as Record<string, unknown>;
  return { plain: config, encrypted: digestOf(config["sitefleet:secrets"] ?? null) };
}

/** The stacks that the index knows, as far as it does. A stack that it knows has resources. @param dir folder of the index */
export function knownStacks(dir: string): Map<string, StackInfo> {
  return new Map(
    Object.entries(readIndex(dir).stacks).map(([name, { lastUpdate, version }]) => [
      name,
      { name, lastUpdate, version, resources: 1 },
    ]),
  );
}

const outputsSchema = z.object({
  projects: z.record(z.string(), z.string()).default({}),
  zones: z.record(z.string(), z.string()).default({}),
});

/** The index with the shared stack's outputs as of its last update. */
async function withShared({ infos, dir }: Pick<SurveyOptions, "infos" | "dir">): Promise<StackIndex> {
  const index = readIndex(dir);
  const lastUpdate = infos.get(SHARED_STACK)?.lastUpdate;
  if (lastUpdate === undefined || index.shared?.lastUpdate === lastUpdate) return index;
  const outputs = outputsSchema.safeParse(await readOutputs(SHARED_STACK));
  if (!outputs.success) return index;
  const shared = { lastUpdate, ...outputs.data };
  note(dir, (now) => ({ ...now, shared }));
  return { ...index, shared };
}

async function outputDigest(stack: string): Promise<string | undefined> {
  const outputs = z.object({ digest: z.string() }).safeParse(await readOutputs(stack));
  return outputs.success ? outputs.data.digest : undefined;
}

/** The digest that a stack was brought to by its last update; undefined when that failed, or does not say it. */
async function reachedDigest(stack: string): Promise<string | undefined> {
  const well = await stackVersions(stack).then(endedWell, () => false);
  return well ? outputDigest(stack) : undefined;
}

const stackSchema = z.looseObject({ type: z.literal("pulumi:pulumi:Stack"), outputs: z.unknown() });

/** A stack's outputs, secrets masked or encrypted; undefined when they cannot be read. */
async function readOutputs(stack: string): Promise<unknown> {
  try {
    const found = await checkpointOf(stack, environment());
    if (found !== undefined) return outputsIn(found.document);
    return JSON.parse(await pulumi(["stack", "output", "--json", "--stack", stack]));
  } catch {
    return undefined;
  }
}

function outputsIn(state: unknown): unknown {
  for (const resource of resourcesOf<unknown>(state ?? {})) {
    const found = stackSchema.safeParse(resource);
    if (found.success) return found.data.outputs;
  }
  return undefined;
}

/** Writes down that these stacks are as declared now. `infos` and the shared outputs are those after their update. */
export async function remember(options: Omit<SurveyOptions, "retired">): Promise<void> {
  const config = readConfig(options.configFile);
  const shared = await withShared(options);
  const entries = new Map<string, IndexEntry>();
  for (const stack of options.stacks) {
    const { lastUpdate, version, content } = options.infos.get(stack) ?? {};
    if (lastUpdate === undefined) continue;
    const { entry } = await describe(stack, options.inputs, config, shared);
    const counts = declaredCounts(await options.inputs.state(stack));
    entries.set(stack, { ...entry, lastUpdate, version, content, counts });
  }
  updateIndex(options.dir, (index) => ({ ...index, stacks: { ...index.stacks, ...Object.fromEntries(entries) } }));
}
