import { expect, it } from "vitest";
import { lookUntilQuiet } from "../../../../fleet/repair/gather.ts";
import type { PendingOperation } from "../../../../fleet/repair/state.ts";
import type { Setup } from "../../../../vendors/live.ts";

// How long the vendors are asked after a crash. What breaks when this fails: going on takes two minutes although nothing
// changes any more, or ends while a call of the dead engine is still being carried out.

const operations = Array.from(
  { length: 6 },
  (_, number): PendingOperation => ({
    type: "creating",
    resource: {
      urn: `urn:pulumi:prod-cell-01::sitefleet::vercel:index/projectDomain:ProjectDomain::site-${number}`,
      type: "vercel:index/projectDomain:ProjectDomain",
      custom: true,
      inputs: { domain: `site-${number}.qmoney.de`, projectId: `prj_${number}` },
    },
  }),
);
/** A vendor whose answers take differently long each time, and that has a domain from its nth look on. */
function vendor(from: (number: number) => number): { look: Setup; looks: () => number } {
  const asked = new Map<string, number>();
  const api = {
    async get(path: string) {
      const host = /site-(\d+)[^/?]*/.exec(path);
      const count = (asked.get(path) ?? 0) + 1;
      asked.set(path, count);
      const number = Number(host?.[1]);
      // In another order with every look.
      await new Promise((done) => setTimeout(done, ((number * 7 + count * 5) % 6) * 3));
      return count > from(number) ? { name: host?.[0] } : undefined;
    },
  };
  const look: Setup = { env: {}, settings: () => ({}), once: (_, make) => make(), connect: () => api };
  return { look, looks: () => Math.max(...asked.values()) };
}
const patience = { quiet: true, quietMs: 200, pollMs: 20 };

it("is content once the answers stay the same, in whatever order they come", async () => {
  const { look, looks } = vendor(() => 0);
  const started = performance.now();
  const { found } = await lookUntilQuiet(operations, look, patience);
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(looks()).toBeGreaterThan(1);
  expect([...found.values()].flatMap((one) => one?.map(({ id }) => id)).sort()).toEqual(
    operations.map(({ resource }) => resource.inputs?.domain),
  );
});

it("goes on asking while objects still appear", async () => {
  const { look } = vendor((number) => (number === 3 ? 4 : 0));
  const { found } = await lookUntilQuiet(operations, look, patience);
  expect([...found.values()].every((one) => one?.length === 1)).toBe(true);
});
