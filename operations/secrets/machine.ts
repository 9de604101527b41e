import type { Rotation } from "../../model/index.ts";

/**
 * Where a rotation stands:
 * - `steady`: one value is in use, and the database accepts it alone
 * - `making`: the next value is made, and the database is told to accept it too
 * - `delivering`: the new value goes to GitHub and to the services; the database accepts both
 * - `retiring`: it is delivered; the old value is refused as soon as nothing uses it
 */
export type Phase = "steady" | "making" | "delivering" | "retiring";

/** See {@link Phase}. Pure. */
export function phaseOf({ next, retired, since }: Rotation): Phase {
  if (next !== undefined) return "making";
  if (retired === undefined) return "steady";
  return since === undefined ? "delivering" : "retiring";
}

/** A secret and where its rotation stands. */
export interface Standing {
  readonly name: string;
  readonly rotation: Rotation;
}

/** What is seen of who uses an account. */
interface Usage {
  /** Sessions that may use the old value. */
  readonly before: number;
  /** Number of the newest session, where the server counts them. */
  readonly connection?: number | undefined;
}

/** By the names of secrets. */
type ByName<Value> = ReadonlyMap<string, Value>;

/** What a rotation is carried out with. Each may be asked for again after a crash, and then does what is left. */
export interface RotationPorts {
  /** Keeps where rotations stand, all at once: it is what is declared. */
  save(rotations: ByName<Rotation>): Promise<void>;
  /** Makes the values exist that are declared, and takes away those that are not. */
  values(): Promise<void>;
  /** Makes databases accept just these generations. @returns those that could not be changed, and why */
  accept(generations: ByName<readonly number[]>): Promise<ByName<unknown>>;
  /** Brings the current values to GitHub and to the services. */
  deliver(): Promise<void>;
  /** Looks who uses the accounts. @returns those that could be looked at */
  look(standing: readonly Standing[]): Promise<ByName<Usage>>;
  /** ms since 1970. */
  now(): number;
}

/** What became of one secret. */
export interface Rotated extends Standing {
  readonly phase: Phase;
  /** What it waits for, completing "it waits …"; undefined when it does not wait. */
  readonly waits?: string | undefined;
  /** Why it goes no further. */
  readonly error?: unknown;
}

const plain = ({ current, window }: Rotation): Rotation => ({ current, ...(window ? { window } : {}) });

/** The beginning of a rotation. Pure. */
export const begun = (rotation: Rotation): Rotation => ({ ...plain(rotation), next: rotation.current + 1 });

/**
 * Carries rotations as far as they can go. A value is delivered only when the database accepts it, and refused only when it was
 * replaced everywhere and nothing uses it: at each moment what is in use is accepted. Where it is cut off it goes on from what is declared.
 *
 * @param longestJobMs how long a job may use what it got when it started
 */
export async function rotateAll(
  standing: readonly Standing[],
  ports: RotationPorts,
  longestJobMs: number,
): Promise<Rotated[]> {
  const now = new Map(standing.map(({ name, rotation }) => [name, rotation]));
  const errors = new Map<string, unknown>();
  const waits = new Map<string, string>();
  const at = (phase: Phase): Standing[] =>
    [...now].flatMap(([name, rotation]) =>
      phaseOf(rotation) === phase && !errors.has(name) ? [{ name, rotation }] : [],
    );
  const keep = async (changed: readonly Standing[]): Promise<void> => {
    if (changed.length === 0) return;
    await ports.save(new Map(changed.map(({ name, rotation }) => [name, rotation])));
    for (const { name, rotation } of changed) now.set(name, rotation);
  };
  const accept = async (some: readonly Standing[], which: (rotation: Rotation) => readonly number[]) => {
    if (some.length === 0) return;
    const failed = await ports.accept(new Map(some.map(({ name, rotation }) => [name, which(rotation)])));
    for (const [name, error] of failed) errors.set(name, error);
  };
  const sound = ({ name }: Standing): boolean => !errors.has(name);

  const making = at("making");
  if (making.length > 0) {
    await ports.values();
    await accept(making, ({ current, next, window }) => (window ? [next as number] : [current, next as number]));
    await keep(
      making.filter(sound).map(({ name, rotation }) => ({
        name,
        rotation: { ...plain(rotation), current: rotation.next as number, retired: rotation.current },
      })),
    );
  }
  const delivering = at("delivering");
  if (delivering.length > 0) {
    await ports.deliver();
    const used = await ports.look(delivering.filter(({ rotation }) => !rotation.window));
    const since = new Date(ports.now()).toISOString();
    await keep(
      delivering.map(({ name, rotation }) => {
        const connection = used.get(name)?.connection;
        const mark = { since, ...(connection === undefined ? {} : { connection }) };
        // In a window the old value was refused before the new one was delivered.
        return { name, rotation: rotation.window ? plain(rotation) : { ...rotation, ...mark } };
      }),
    );
  }
  const retiring = at("retiring");
  const used = retiring.length > 0 ? await ports.look(retiring) : new Map<string, Usage>();
  for (const { name, rotation } of retiring) {
    const until = Date.parse(rotation.since as string) + longestJobMs;
    const before = used.get(name)?.before;
    if (before === undefined) waits.set(name, "until its database answers");
    else if (before > 0) waits.set(name, `for ${before} session${before === 1 ? "" : "s"} that may use the old value`);
    else if (ports.now() < until)
      waits.set(name, `for jobs that began before ${rotation.since}, until ${new Date(until).toISOString()}`);
  }
  const ready = retiring.filter(({ name }) => !waits.has(name));
  await accept(ready, ({ current }) => [current]);
  await keep(ready.filter(sound).map(({ name, rotation }) => ({ name, rotation: plain(rotation) })));
  const ended = [...now].filter(
    ([name, rotation]) =>
      rotation.retired === undefined &&
      rotation.next === undefined &&
      standing.some((one) => one.name === name && phaseOf(one.rotation) !== "steady"),
  );
  if (ended.length > 0) await ports.values();
  return [...now].map(([name, rotation]) => ({
    name,
    rotation,
    phase: phaseOf(rotation),
    waits: waits.get(name),
    error: errors.get(name),
  }));
}
