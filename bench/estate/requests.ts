import { z } from "zod";

const routeSchema = z.object({
  vendor: z.string(),
  method: z.string(),
  route: z.string(),
  count: z.number(),
  ok: z.number(),
});
const summarySchema = z.object({ routes: z.array(routeSchema) });

/** Calls of one kind. */
export type Route = z.infer<typeof routeSchema>;

/** Calls at the vendors. */
export interface Requests {
  readonly reads: number;
  readonly writes: number;
  readonly routes: readonly Route[];
}

/** Whose API is counted. The sandbox also counts what deployments do on the SSH host, and chat messages. */
const VENDORS = new Set(["vercel", "cloudflare", "github"]);
const READS = new Set(["GET", "HEAD", "OPTIONS"]);

/** True for calls that change something. */
const isWrite = ({ method }: Pick<Route, "method">) => !READS.has(method);

/** Reads the sandbox's counters and sets them back to nothing. */
export async function readRequests(control: string): Promise<Requests> {
  const url = new URL("/requests?latest=0", control);
  const all = summarySchema.parse(await (await fetch(url)).json()).routes;
  const routes = all.filter(({ vendor }) => VENDORS.has(vendor));
  await fetch(new URL("/requests", control), { method: "DELETE" });
  const sum = (some: readonly Route[]) => some.reduce((total, { count }) => total + count, 0);
  const writes = sum(routes.filter(isWrite));
  return { reads: sum(routes) - writes, writes, routes };
}
