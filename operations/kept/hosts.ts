import { z } from "zod";
import type { Store } from "../../fleet/backend/store/store.ts";
import type { HostFacts } from "../../fleet/overview/index.ts";

/** The one object: what was last seen on the hosts. Some hundred bytes a service. */
const KEY = "figures/hosts.json";

const count = z.number();
const figuresSchema = z.object({
  service: z.string(),
  disk: z.object({ freeBytes: count, bytes: count }).optional(),
  deployed: z.boolean(),
  goodAt: count.optional(),
  cutOff: z.boolean(),
  locked: z.boolean(),
  snapshotAt: count.optional(),
  database: z
    .object({
      up: z.boolean(),
      figures: z.object({
        connections: count.optional(),
        limit: count.optional(),
        own: count.optional(),
        longest: count.optional(),
        slow: count.optional(),
        migrations: z.object({ applied: count, failed: count }).optional(),
      }),
    })
    .optional(),
});

const keptSchema = z.object({
  at: z.number().describe("ms since 1970"),
  services: z.array(
    z.discriminatedUnion("ok", [
      z.object({ service: z.string(), ok: z.literal(true), value: figuresSchema }),
      z.object({ service: z.string(), ok: z.literal(false), reason: z.string() }),
    ]),
  ),
});

/** Keeps what was seen on the hosts in place of what was before. @throws SitefleetError `store.unreachable` */
export async function keepHosts(own: Store, hosts: HostFacts): Promise<void> {
  await own.put(KEY, `${JSON.stringify(hosts)}\n`);
}

/** What was last seen; undefined when nothing was, or by a version that kept it otherwise. @throws SitefleetError `store.unreachable` */
export async function keptHosts(own: Store): Promise<HostFacts | undefined> {
  const text = (await own.get(KEY))?.text;
  return text === undefined ? undefined : parse(text);
}

function parse(text: string): HostFacts | undefined {
  try {
    return keptSchema.parse(JSON.parse(text)) as HostFacts;
  } catch {
    return undefined;
  }
}
