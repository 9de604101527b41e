import { Hono } from "hono";
import { z } from "zod";
import { routesOf } from "../core/routes.ts";
import type { Vendor, VendorContext } from "../core/vendor.ts";
import { accountRoutes, authenticate } from "./accounts.ts";
import { Activity, activityRoutes } from "./activity.ts";
import { aliasRoutes } from "./aliases.ts";
import type { Api, Env } from "./api.ts";
import { type Behaviour, type BehaviourInput, behaviourSchema } from "./behaviour.ts";
import { applyChanges, type StoreChanges } from "./changes.ts";
import { promotionRoutes } from "./deployments/promotion.ts";
import { deploymentRoutes } from "./deployments/routes.ts";
import { settle } from "./deployments/settle.ts";
import { wildcardOf } from "./domains/names.ts";
import { domainRoutes } from "./domains/routes.ts";
import { emulatedRoutes } from "./emulated.ts";
import { envRoutes } from "./environment/routes.ts";
import { sharedEnvRoutes } from "./environment/shared.ts";
import { ApiError } from "./errors.ts";
import { frameworkList, regionList } from "./frameworks.ts";
import { stableId } from "./ids.ts";
import { inventoryOf } from "./inventory.ts";
import { type Live, type LiveOptions, liveAt } from "./live.ts";
import { bypassRoutes } from "./projects/bypass.ts";
import { linkRoutes } from "./projects/link.ts";
import { projectRoutes } from "./projects/routes.ts";
import type { AccountRecord } from "./records.ts";
import { repositoryRoutes } from "./repositories.ts";
import { createSealers } from "./secrets.ts";
import { Store } from "./store.ts";
import type { StoreState } from "./store-state.ts";
import { usageRoutes } from "./usage/routes.ts";
import { recordVisit } from "./usage/traffic.ts";

export type { Live } from "./live.ts";

/** Slug of the team a sandbox has when it is not told another. */
const DEFAULT_TEAM = "MarketingFunnelEmpire";

/** Hosts that the provider asks beside `api.vercel.com`. */
const FRAMEWORKS_HOST = "api-frameworks.zeit.sh";
const REGIONS_HOST = "dcs.vercel-infra.com";

/** The sandbox's Vercel: a {@link Vendor} with what the web server and tests need beside the API. */
export interface Vercel extends Vendor {
  readonly name: "vercel";
  /** Whether a project holds the host, by name or by a wildcard above it, deployed or not. */
  attached(host: string): boolean;
  /** Which deployment serves a host now; undefined when none does. */
  liveAt(host: string, options?: LiveOptions): Live | undefined;
  /** Counts one visit, for usage and billing. */
  visit(host: string, bytes: number): void;
  /** Stops what was started for passed on routes; without a call to one of those there is nothing to stop. */
  close(): Promise<void>;
  /** The configuration in force. */
  behaviour(): Behaviour;
  /** Replaces the configuration; what is left out goes back to its default. @throws ZodError */
  setBehaviour(behaviour: BehaviourInput): void;
}

const snapshotSchema = z.object({
  vendor: z.literal("vercel"),
  behaviour: behaviourSchema,
  store: z.looseObject({ version: z.literal(1) }),
});

const changesSchema = z.array(z.object({ lastCreatedAt: z.number(), records: z.array(z.array(z.unknown())) }));

/** Makes the sandbox's Vercel. */
export function createVercel(context: VendorContext): Vercel {
  const seed = context.options.vercel ?? {};
  const store = new Store();
  const seeded = (given: BehaviourInput): Behaviour => {
    const parsed = behaviourSchema.parse(given);
    const buildMs = given.build?.buildMs ?? seed.buildMs ?? 0;
    return { ...parsed, build: { ...parsed.build, buildMs } };
  };
  let behaviour = seeded({});
  const user: AccountRecord = {
    id: stableId("user", "sitefleet-bot").replace("_", ""),
    slug: "sitefleet-bot",
    name: "sitefleet",
  };
  const activity = new Activity();
  const api: Api = {
    store,
    user,
    context,
    repositories: seed.repositories === undefined ? undefined : new Set(seed.repositories),
    behaviour: () => behaviour,
    now: () => context.now(),
    changed(type, data) {
      touch(store, data);
      context.changed();
      context.events.publish({ vendor: "vercel", type, at: context.now(), data });
      activity.note(type, context.now(), data);
    },
  };
  addTeam(store, seed.team ?? {});
  const { app, close } = createApp(api, activity, seed.tokens);
  return {
    name: "vercel",
    routes: routesOf(app),
    fetch: async (request) => app.fetch(request),
    close,
    inventory() {
      settle(api);
      return inventoryOf(api);
    },
    snapshot: () => ({ vendor: "vercel", behaviour, store: store.snapshot() }),
    changes: () => store.changes(),
    restore(state, changes = []) {
      const parsed = snapshotSchema.parse(state);
      const later = changesSchema.parse(changes) as unknown as StoreChanges[];
      behaviour = parsed.behaviour;
      store.restore(applyChanges(parsed.store as unknown as StoreState, later));
      if (store.teams.size === 0) addTeam(store, seed.team ?? {});
    },
    attached: (host) => store.domains.has(host) || store.domains.has(wildcardOf(host)) || store.aliases.has(host),
    liveAt: (host, options) => liveAt(api, host, options),
    visit: (host, bytes) => recordVisit(api, host, bytes),
    behaviour: () => behaviour,
    setBehaviour(next) {
      behaviour = seeded(next);
      store.touchAll();
      context.changed();
    },
  };
}

function createApp(
  api: Api,
  activity: Activity,
  tokens: readonly string[] | undefined,
): { app: Hono<Env>; close(): Promise<void> } {
  const app = new Hono<Env>();
  app.onError((error, call) => {
    if (error instanceof ApiError) return Response.json(error.body(), { status: error.status });
    console.error(`vercel sandbox: ${call.req.method} ${call.req.path}:`, error);
    return Response.json(
      { error: { code: "internal_server_error", message: "An unexpected internal error occurred" } },
      { status: 500 },
    );
  });
  app.notFound((call) => {
    const message = `The sandbox does not serve ${call.req.method} ${call.req.path}.`;
    return call.json({ error: { code: "not_found", message } }, 404);
  });
  app.use(async (call, next) => {
    const host = (call.req.header("x-forwarded-host") ?? new URL(call.req.url).hostname).split(":")[0];
    if (host === FRAMEWORKS_HOST) return call.json(frameworkList());
    if (host === REGIONS_HOST) return call.json(regionList());
    settle(api);
    return next();
  });
  app.use(authenticate(api, tokens === undefined ? undefined : new Set(tokens), createSealers()));
  accountRoutes(app, api);
  repositoryRoutes(app, api);
  projectRoutes(app, api);
  linkRoutes(app, api);
  bypassRoutes(app, api);
  envRoutes(app, api);
  sharedEnvRoutes(app, api);
  domainRoutes(app, api);
  deploymentRoutes(app, api);
  promotionRoutes(app, api);
  aliasRoutes(app, api);
  usageRoutes(app, api);
  activityRoutes(app, api, activity);
  const close = emulatedRoutes(app, api);
  return { app, close };
}

/** Notes the records that an event names as changed; of one that names none, everything. */
function touch(store: Store, { projectId, deploymentId, host, digest }: Readonly<Record<string, unknown>>): void {
  const named = [projectId, deploymentId, host, digest].some((key) => typeof key === "string");
  if (!named) store.touchAll();
  if (typeof projectId === "string") store.touch("projects", projectId);
  if (typeof deploymentId === "string") store.touch("deployments", deploymentId);
  if (typeof digest === "string") store.touch("files", digest);
  if (typeof host !== "string") return;
  store.touch("domains", host);
  store.touch("aliases", host);
}

function addTeam(store: Store, given: { readonly id?: string; readonly slug?: string; readonly name?: string }): void {
  const slug = given.slug ?? DEFAULT_TEAM;
  const team = { id: given.id ?? stableId("team", slug), slug, name: given.name ?? slug };
  store.teams.set(team.id, team);
}
