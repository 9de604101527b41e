// What breaks when these fail: a service is given a password that its database refuses, an old password stays valid for ever, or a
// rotation that was cut off does not go on.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Rotation } from "../../../../model/index.ts";
import { begun, phaseOf, type RotationPorts, rotateAll } from "../../../../operations/secrets/machine.ts";

class Crash extends Error {}

/** A database, a place for values, and a client; every effect may be the last one before a crash. */
class World {
  declared: Rotation = { current: 1 };
  values = new Set([1]);
  accepted = new Set([1]);
  /** What jobs and the services use. */
  github = 1;
  env = 1;
  /** Sessions of the value before. */
  sessions = 0;
  now = 0;
  gaps = 0;
  readonly #fuel: () => boolean;

  constructor(fuel: () => boolean) {
    this.#fuel = fuel;
  }

  effect(does: () => void): void {
    if (!this.#fuel()) throw new Crash();
    does();
    if (this.accepted.size === 0) throw new Error("no password is valid");
    for (const used of [this.env, this.github]) if (!this.accepted.has(used)) this.gaps++;
    for (const used of [...this.accepted, this.env, this.github])
      if (!this.values.has(used)) throw new Error(`value ${used} is in use and does not exist`);
    if (!this.#fuel()) throw new Crash();
  }

  ports(): RotationPorts {
    const effect = this.effect.bind(this);
    return {
      save: async (rotations) =>
        effect(() => {
          this.declared = rotations.get("S") as Rotation;
        }),
      values: async () => {
        const { current, next, retired } = this.declared;
        effect(() => {
          for (const one of [current, next, retired]) if (one !== undefined) this.values.add(one);
        });
        effect(() => {
          this.github = current;
        });
        effect(() => {
          for (const one of this.values) if (![current, next, retired].includes(one)) this.values.delete(one);
        });
      },
      accept: async (generations) => {
        const wanted = generations.get("S") as readonly number[];
        for (const one of wanted) if (!this.values.has(one)) throw new Error(`value ${one} is not there`);
        effect(() => {
          this.accepted = new Set(wanted);
        });
        return new Map();
      },
      deliver: async () => {
        effect(() => {
          this.github = this.declared.current;
        });
        effect(() => {
          if (this.env !== this.declared.current) this.sessions++;
          this.env = this.declared.current;
        });
      },
      look: async () => new Map([["S", { before: this.sessions }]]),
      now: () => this.now,
    };
  }
}

const HOUR = 3_600_000;

/** Runs until it is steady; sessions end and time passes between runs. */
async function untilSteady(world: World): Promise<number> {
  for (let runs = 1; runs < 200; runs++) {
    try {
      await rotateAll([{ name: "S", rotation: world.declared }], world.ports(), HOUR);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      continue;
    }
    if (phaseOf(world.declared) === "steady") return runs;
    world.sessions = 0;
    world.now += HOUR;
  }
  throw new Error(`stuck in ${phaseOf(world.declared)}`);
}

describe("rotation", () => {
  test("cut off anywhere, any number of times, ends with one valid password, and what is used is valid at each moment", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 12 }), async (cuts) => {
        const left = [...cuts];
        let fuel = left.shift() ?? Number.POSITIVE_INFINITY;
        const world = new World(() => {
          if (fuel-- > 0) return true;
          fuel = left.shift() ?? Number.POSITIVE_INFINITY;
          return false;
        });
        world.declared = begun(world.declared);
        await untilSteady(world);
        expect(world.declared).toEqual({ current: 2 });
        expect([...world.accepted]).toEqual([2]);
        expect([world.env, world.github, world.gaps]).toEqual([2, 2, 0]);
        // What a crash after the last step has left is what the next update takes away.
        left.length = 0;
        fuel = Number.POSITIVE_INFINITY;
        await world.ports().values();
        expect([...world.values]).toEqual([2]);
      }),
      { numRuns: 300 },
    );
  });

  test("in a window there is a gap, one valid password all the time, and it ends the same", async () => {
    const world = new World(() => true);
    world.declared = { ...begun(world.declared), window: true };
    await untilSteady(world);
    expect(world.declared).toEqual({ current: 2, window: true });
    expect([...world.accepted]).toEqual([2]);
    expect(world.env).toBe(2);
    expect(world.gaps).toBeGreaterThan(0);
  });

  test("nothing is refused while a session or a job may use it, and it says for what it waits", async () => {
    const world = new World(() => true);
    world.declared = begun(world.declared);
    const once = () => rotateAll([{ name: "S", rotation: world.declared }], world.ports(), HOUR);
    expect((await once())[0]).toMatchObject({ phase: "retiring", waits: "for 1 session that may use the old value" });
    world.sessions = 0;
    expect((await once())[0]?.waits).toMatch(
      /^for jobs that began before 1970-01-01T00:00:00.000Z, until 1970-01-01T01/,
    );
    expect([...world.accepted].sort()).toEqual([1, 2]);
    world.now = HOUR;
    expect((await once())[0]).toMatchObject({ phase: "steady", waits: undefined });
  });

  test("one that fails stays where it stands, and the others go on", async () => {
    const world = new World(() => true);
    const saved = new Map<string, Rotation>();
    const ports: RotationPorts = {
      ...world.ports(),
      values: async () => {},
      deliver: async () => {},
      save: async (rotations) => {
        for (const [name, rotation] of rotations) saved.set(name, rotation);
      },
      accept: async () => new Map([["BAD", new Error("no")]]),
      look: async (some) => new Map(some.map(({ name }) => [name, { before: 0 }])),
    };
    const rotation = begun({ current: 1 });
    const [bad, good] = await rotateAll(
      [
        { name: "BAD", rotation },
        { name: "GOOD", rotation },
      ],
      ports,
      0,
    );
    expect(bad).toMatchObject({ rotation, phase: "making", error: new Error("no") });
    expect(good).toMatchObject({ phase: "steady", rotation: { current: 2 } });
    expect([...saved.keys()]).toEqual(["GOOD"]);
  });
});
