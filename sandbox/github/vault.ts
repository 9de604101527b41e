import { Hono } from "hono";
import type { GithubSeed } from "../core/index.ts";
import { bodyOf, GithubError, invalid, notFound, paginate } from "./reply.ts";
import type { SecretBox } from "./sealed.ts";
import type { Scope } from "./state.ts";

/** What the routes for secrets and variables work with. */
export interface VaultParts {
  /** The environment or repository that a call is about. @throws GithubError 404 */
  readonly scope: (param: (name: string) => string) => Scope;
  readonly box: () => SecretBox;
  readonly seed: GithubSeed;
  readonly now: () => string;
  readonly changed: () => void;
  /** Gets the value of a secret while it is known. @default none */
  readonly arrived?: (scope: Scope, name: string, value: Uint8Array) => Promise<void>;
}

const NAME_RULES =
  "names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_).";

function nameOf(kind: "Secret" | "Variable", value: unknown): string {
  if (typeof value !== "string" || value === "") throw invalid(kind, "name", "missing_field");
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) throw new GithubError(422, `${kind} ${NAME_RULES}`);
  if (/^GITHUB_/i.test(value)) throw new GithubError(422, `${kind} names must not start with GITHUB_.`);
  return value.toUpperCase();
}

/** Routes below `…/secrets`. */
export function secretRoutes(parts: VaultParts): Hono {
  const app = new Hono();
  const show = ({ name, created_at, updated_at }: { name: string; created_at: string; updated_at: string }) => {
    return { name, created_at, updated_at };
  };

  app.get("/", (c) => {
    const { secrets } = parts.scope((name) => c.req.param(name) ?? "");
    return c.json({ total_count: secrets.size, secrets: paginate(c, [...secrets.values()].map(show)) });
  });

  app.get("/public-key", async (c) => {
    parts.scope((name) => c.req.param(name) ?? "");
    return c.json(await parts.box().publicKey());
  });

  app.get("/:secret", (c) => {
    const { secrets } = parts.scope((name) => c.req.param(name) ?? "");
    const secret = secrets.get(c.req.param("secret").toUpperCase());
    if (secret === undefined) throw notFound();
    return c.json(show(secret));
  });

  app.put("/:secret", async (c) => {
    const scope = parts.scope((name) => c.req.param(name) ?? "");
    const { secrets } = scope;
    const name = nameOf("Secret", c.req.param("secret"));
    const body = await bodyOf(c.req.raw);
    const use = (plain: Uint8Array): Promise<void> => parts.arrived?.(scope, name, plain) ?? Promise.resolve();
    const { bytes, digest } = await parts.box().open(body.encrypted_value, body.key_id, use);
    const { secretBytes, secretsPerEnvironment } = parts.seed;
    if (secretBytes !== undefined && bytes > secretBytes) {
      throw new GithubError(422, `Secret value is too large: ${bytes} bytes, at most ${secretBytes} are allowed.`);
    }
    const now = parts.now();
    const known = secrets.get(name);
    if (known === undefined && secretsPerEnvironment !== undefined && secrets.size >= secretsPerEnvironment) {
      throw new GithubError(422, `Unable to create more than ${secretsPerEnvironment} secrets.`);
    }
    secrets.set(name, { name, digest, created_at: known?.created_at ?? now, updated_at: now });
    parts.changed();
    return known === undefined ? c.json({}, 201) : c.body(null, 204);
  });

  app.delete("/:secret", (c) => {
    const { secrets } = parts.scope((name) => c.req.param(name) ?? "");
    if (!secrets.delete(c.req.param("secret").toUpperCase())) throw notFound();
    parts.changed();
    return c.body(null, 204);
  });

  return app;
}

/** Routes below `…/variables`. */
export function variableRoutes(parts: VaultParts): Hono {
  const app = new Hono();

  app.get("/", (c) => {
    const { variables } = parts.scope((name) => c.req.param(name) ?? "");
    return c.json({ total_count: variables.size, variables: paginate(c, [...variables.values()]) });
  });

  app.post("/", async (c) => {
    const { variables } = parts.scope((name) => c.req.param(name) ?? "");
    const body = await bodyOf(c.req.raw);
    const name = nameOf("Variable", body.name);
    if (typeof body.value !== "string") throw invalid("Variable", "value", "missing_field");
    if (variables.has(name)) throw new GithubError(409, "Already exists - Variable already exists");
    const now = parts.now();
    variables.set(name, { name, value: body.value, created_at: now, updated_at: now });
    parts.changed();
    return c.json({}, 201);
  });

  app.get("/:variable", (c) => {
    const { variables } = parts.scope((name) => c.req.param(name) ?? "");
    const variable = variables.get(c.req.param("variable").toUpperCase());
    if (variable === undefined) throw notFound();
    return c.json(variable);
  });

  app.patch("/:variable", async (c) => {
    const { variables } = parts.scope((name) => c.req.param(name) ?? "");
    const key = c.req.param("variable").toUpperCase();
    const variable = variables.get(key);
    if (variable === undefined) throw notFound();
    const body = await bodyOf(c.req.raw);
    const name = body.name === undefined ? key : nameOf("Variable", body.name);
    if (name !== key && variables.has(name)) throw new GithubError(409, "Already exists - Variable already exists");
    const value = typeof body.value === "string" ? body.value : variable.value;
    variables.delete(key);
    variables.set(name, { ...variable, name, value, updated_at: parts.now() });
    parts.changed();
    return c.body(null, 204);
  });

  app.delete("/:variable", (c) => {
    const { variables } = parts.scope((name) => c.req.param(name) ?? "");
    if (!variables.delete(c.req.param("variable").toUpperCase())) throw notFound();
    parts.changed();
    return c.body(null, 204);
  });

  return app;
}
