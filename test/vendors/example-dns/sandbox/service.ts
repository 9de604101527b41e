import { serve } from "@hono/node-server";
import { Hono } from "hono";

/** A record as the vendor has it. */
interface LiveRecord {
  readonly id: string;
  readonly host: string;
  readonly type: string;
  readonly content: string;
  readonly ttl: number;
  readonly priority?: number;
}

/** The vendor on loopback. */
export interface ExampleService {
  readonly url: string;
  readonly token: string;
  /** Records of a zone, by its name. */
  records(zone: string): LiveRecord[];
  stop(): Promise<void>;
}

/** Starts the vendor with some zones that are there. */
export async function startExampleService(names: readonly string[]): Promise<ExampleService> {
  const token = "example-token";
  const zones = new Map(names.map((name) => [`zone-${name}`, { name, records: new Map<string, LiveRecord>() }]));
  let next = 0;
  const app = new Hono();
  app.use(async (c, go) => {
    if (c.req.header("authorization") !== `Bearer ${token}`) return c.json({ message: "who are you?" }, 401);
    await go();
  });
  app.get("/zones", (c) =>
    c.json([...zones].flatMap(([id, { name }]) => (name === c.req.query("name") ? [{ id, name }] : []))),
  );
  app.post("/zones/:zone/records", async (c) => {
    const zone = zones.get(c.req.param("zone"));
    if (zone === undefined) return c.json({ message: "no such zone" }, 404);
    const record: LiveRecord = { ...(await c.req.json()), id: `r${++next}` };
    zone.records.set(record.id, record);
    return c.json(record, 201);
  });
  app.get("/zones/:zone/records/:record", (c) => {
    const record = zones.get(c.req.param("zone"))?.records.get(c.req.param("record"));
    return record === undefined ? c.json({ message: "no such record" }, 404) : c.json(record);
  });
  app.delete("/zones/:zone/records/:record", (c) => {
    const gone = zones.get(c.req.param("zone"))?.records.delete(c.req.param("record"));
    return gone ? c.json({}) : c.json({ message: "no such record" }, 404);
  });
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => {
      resolve({
        url: `http://127.0.0.1:${port}`,
        token,
        records: (name) => [...(zones.get(`zone-${name}`)?.records.values() ?? [])],
        stop: () => new Promise((done) => server.close(() => done())),
      });
    });
  });
}
