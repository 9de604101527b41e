import { createEmulator, type Emulator } from "emulate";
import type { Hono } from "hono";
import { type Api, type Call, type Env, param } from "./api.ts";

/**
 * Routes that hold nothing of ours and are passed on to npm `emulate`: members of the team, API keys, the user's name.
 * README.md says why no others are.
 */
const PASSED_ON: readonly (readonly ["get" | "post" | "patch" | "delete", string])[] = [
  ["patch", "/v2/user"],
  ["get", "/v2/teams/:team/members"],
  ["post", "/v2/teams/:team/members"],
  ["post", "/v1/api-keys"],
  ["get", "/v1/api-keys"],
  ["delete", "/v1/api-keys/:key"],
];

/**
 * Passes some routes on. The emulator listens on a free port of the loopback interface, and is started by the first
 * call that needs it: most sandboxes never do.
 * @returns stops it, if it was started
 */
export function emulatedRoutes(app: Hono<Env>, api: Api): () => Promise<void> {
  let running: Promise<Emulator> | undefined;
  const start = (): Promise<Emulator> => {
    const teams = [...api.store.teams.values()].map(({ slug, name }) => ({ slug, name }));
    const users = [{ username: api.user.slug, name: api.user.name }];
    running ??= createEmulator({
      service: "vercel",
      port: 0,
      hostname: "127.0.0.1",
      seed: { vercel: { users, teams } },
    });
    return running;
  };
  for (const [method, path] of PASSED_ON) {
    app[method](path, async (call) => passOn(await start(), api, call));
  }
  return async () => {
    const emulator = await running;
    running = undefined;
    await emulator?.close();
  };
}

/** The emulator makes up ids of its own for teams, so they are named by their slugs. */
async function passOn(emulator: Emulator, api: Api, call: Call): Promise<Response> {
  const { owner, team } = call.var.scope;
  const named = api.store.teams.get(param(call, "team"));
  const url = new URL(call.req.path, emulator.url);
  if (named !== undefined) url.pathname = url.pathname.replace(named.id, named.slug);
  url.search = new URL(call.req.url).search;
  url.searchParams.delete("teamId");
  if (team !== null) url.searchParams.set("slug", owner.slug);
  const { method } = call.req;
  const body = method === "GET" ? undefined : await call.req.text();
  const headers = { authorization: call.req.header("authorization") ?? "", "content-type": "application/json" };
  const answer = await fetch(url, { method, headers, ...(body === undefined || body === "" ? {} : { body }) });
  return new Response(answer.status === 204 ? null : await answer.text(), {
    status: answer.status,
    headers: { "content-type": answer.headers.get("content-type") ?? "application/json" },
  });
}
