import { createHash } from "node:crypto";
import type { Hono } from "hono";
import { type Api, type Call, type Env, json, objectBody, optionalText, projectOf, route } from "../api.ts";
import { badRequest, notFound } from "../errors.ts";
import { randomToken } from "../ids.ts";
import type { BypassRecord } from "../records.ts";
import { formatProject } from "./format.ts";

/** What is kept of a bypass secret to check a visitor's. */
export function bypassHash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Length that Vercel asks of a bypass secret. */
const SECRET_LENGTH = 32;

/** Secrets with which automation passes deployment protection. */
export function bypassRoutes(app: Hono<Env>, api: Api): void {
  route(app, "patch", [1, 10], "/projects/:project/protection-bypass", (call) => handle(api, call));
}

async function handle(api: Api, call: Call): Promise<Response> {
  const body = await objectBody(call);
  const project = projectOf(api, call);
  const { sealer } = call.var.scope;
  const find = (secret: unknown): BypassRecord => {
    const found = project.bypass.find((entry) => sealer.matches(entry.secret, String(secret)));
    if (found === undefined) throw notFound("Protection bypass");
    return found;
  };
  const revoke = part(body.revoke);
  const generate = part(body.generate);
  const update = part(body.update);
  if (revoke !== undefined) {
    const gone = find(revoke.secret);
    project.bypass = project.bypass.filter((entry) => entry !== gone);
  }
  if (generate !== undefined || revoke?.regenerate === true) {
    const secret = optionalText(generate?.secret) ?? randomToken(SECRET_LENGTH);
    if (!/^[0-9A-Za-z]{32}$/.test(secret))
      throw badRequest("Invalid request: `secret` must be 32 alphanumeric characters.");
    project.bypass.push({
      secret: sealer.seal(secret, true),
      hash: bypassHash(secret),
      note: optionalText(generate?.note),
      isEnvVar: project.bypass.length === 0,
      createdAt: api.now(),
    });
  }
  if (update !== undefined) {
    const entry = find(update.secret);
    if (typeof update.note === "string") entry.note = update.note;
    if (update.isEnvVar === true) for (const other of project.bypass) other.isEnvVar = other === entry;
  }
  api.changed("project.updated", { projectId: project.id, name: project.name });
  return json(call, { protectionBypass: formatProject(api, project, sealer).protectionBypass });
}

function part(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}
