import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SitefleetError } from "../../../../../errors/index.ts";
import { misplacedIn, refuseMoved, tellingStacks } from "../../../../../fleet/run/preflight/cells.ts";
import { requireSameCells } from "../../../../../fleet/run/preflight/same-cells.ts";
import { cellNames, cellOf, stackOfCell } from "../../../../../model/index.ts";
import { resource, SITE } from "./world.ts";

// What breaks when these fail: an estate whose number of cells was changed by mistake loses its sites, which are deleted in one stack and
// made anew in another.

/** An estate of so many sites, as its stacks hold them with this number of cells. */
function estate(cells: number, sites = 200) {
  const states = new Map<string, ReturnType<typeof resource>[]>();
  for (let index = 0; index < sites; index++) {
    const host = `site-${index}.qmoney.de`;
    const stack = stackOfCell(cellOf({ host, tags: index < 10 ? ["canary"] : [] }, cells));
    states.set(stack, [...(states.get(stack) ?? [resource("pulumi:pulumi:Stack", stack)]), resource(SITE, host)]);
  }
  const infos = [...states].map(([name, resources]) => ({ name, resources: resources.length }));
  const read: string[] = [];
  return {
    infos,
    read,
    async state(stack: string) {
      read.push(stack);
      return states.get(stack) ?? [];
    },
  };
}

/** What is refused when an estate with `was` cells is declared to have `now`. */
async function refusal(was: number, now: number, opened = cellNames(now).map(stackOfCell), sites = 200) {
  const { infos, state, read } = estate(was, sites);
  const error = await requireSameCells(infos, opened, now, state).then(
    () => undefined,
    (one: unknown) => one as SitefleetError,
  );
  return { error, read };
}

describe("another number of cells", () => {
  it.each([
    [64, 16],
    [64, 32],
    [16, 64],
    [64, 65],
    [64, 128],
    [128, 64],
    [8, 1],
  ])("%i made to %i is refused with the number that the stacks have", async (was, now) => {
    const { error, read } = await refusal(was, now);
    if (!(error instanceof SitefleetError)) throw new Error("it was not refused");
    expect(error.code).toBe("cells.changed");
    expect(error.message).toContain(`has ${now} cells, and the stacks were made with`);
    expect(error.details[0]).toMatch(/^site-\d+\.qmoney\.de is in prod-cell-\d+ and would be deleted there/);
    expect(error.hint).toMatch(/cells: \d+|the number that it had/);
    expect(read.length).toBeLessThanOrEqual(4);
  });

  it("names the number where the sites tell it", async () => {
    expect((await refusal(64, 16)).error?.hint).toBe("take `cells` out of estate.yaml, or write cells: 64");
    expect((await refusal(8, 64, undefined, 2000)).error?.hint).toContain("write cells: 8 into estate.yaml again");
  });

  it("is refused for a single new stack as well", async () => {
    expect((await refusal(16, 64, ["prod-cell-40"])).error?.code).toBe("cells.changed");
  });
});

describe("the number that the stacks were made with", () => {
  it("passes, of any size, with few states read and none where nothing is opened", async () => {
    for (const cells of [1, 16, 64, 100, 101, 256]) {
      const { error, read } = await refusal(cells, cells);
      expect(error).toBeUndefined();
      expect(read.length).toBeLessThanOrEqual(3);
    }
    expect((await refusal(64, 64, [])).read).toEqual([]);
  });

  it("passes where an emptied stack of another number is still there, and for an estate without stacks", async () => {
    const infos = [{ name: "prod-cell-40", resources: 1 }];
    await requireSameCells(infos, [], 16, async () => [resource("pulumi:pulumi:Stack", "prod-cell-40")]);
    await requireSameCells([], ["prod-cell-00"], 16, async () => []);
    expect(tellingStacks([{ name: "prod-cell-40", resources: 0 }], [], 16).foreign).toEqual([]);
  });
});

it("no site that its own cell holds is misplaced, and every other one is", () => {
  fc.assert(
    fc.property(fc.domain(), fc.integer({ min: 1, max: 256 }), fc.integer({ min: 1, max: 256 }), (host, was, now) => {
      const stack = stackOfCell(cellOf({ host, tags: [] }, was));
      const found = misplacedIn(stack, [resource(SITE, host)], now);
      expect(found.length > 0).toBe(stack !== stackOfCell(cellOf({ host, tags: [] }, now)));
      expect(misplacedIn("prod-cell-canary", [resource(SITE, host)], now)).toEqual([]);
      expect(() => refuseMoved(misplacedIn(stack, [resource(SITE, host)], was), was)).not.toThrow();
    }),
  );
});
