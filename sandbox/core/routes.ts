import type { Hono } from "hono";

/** Name under which requests are counted that match no pattern. */
const OTHER_ROUTE = "(other)";

/**
 * The patterns a hono app serves, without wildcards (middleware).
 * @example routesOf(app) // ["/v9/projects/:id", …]
 */
// biome-ignore lint/suspicious/noExplicitAny: hono's type parameters are invariant; only the route table is read
export function routesOf(app: Hono<any, any, any>): string[] {
  return [...new Set(app.routes.map((route) => route.path))].filter((path) => !path.includes("*"));
}

interface Node {
  readonly literals: Map<string, Node>;
  parameter: Node | undefined;
  pattern: string | undefined;
}

const emptyNode = (): Node => ({ literals: new Map(), parameter: undefined, pattern: undefined });

/**
 * Finds the pattern that a path matches; literal segments win over `:parameters`.
 * A parameter with a regular expression (`:id{.+}`) at the end takes all that is left.
 */
export function createRouteMatcher(patterns: readonly string[]): (pathname: string) => string {
  const root = emptyNode();
  for (const pattern of patterns) {
    let node = root;
    for (const segment of segmentsOf(pattern)) {
      if (segment.startsWith(":")) {
        node.parameter ??= emptyNode();
        node = node.parameter;
      } else {
        const next = node.literals.get(segment) ?? emptyNode();
        node.literals.set(segment, next);
        node = next;
      }
    }
    node.pattern ??= pattern;
  }
  return (pathname) => find(root, segmentsOf(pathname), 0) ?? OTHER_ROUTE;
}

function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

function find(node: Node, segments: readonly string[], at: number): string | undefined {
  const segment = segments[at];
  if (segment === undefined) return node.pattern;
  const literal = node.literals.get(segment);
  const found = literal === undefined ? undefined : find(literal, segments, at + 1);
  if (found !== undefined) return found;
  if (node.parameter === undefined) return undefined;
  const rest = node.parameter.pattern;
  if (rest?.includes("{.+}")) return rest;
  return find(node.parameter, segments, at + 1);
}
