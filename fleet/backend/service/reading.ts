import { ORGANIZATION, PROJECT_NAME } from "../store/project.ts";
import type { EngineRequest, Route } from "./server.ts";

/** Path of one stack; its name is what the group catches. */
export const STACK_PATH = `/api/stacks/${ORGANIZATION}/${PROJECT_NAME}/([^/]+)`;
/** Path of one update or preview of a stack. */
export const UPDATE_PATH = `${STACK_PATH}/[a-z-]+/[0-9a-f-]{36}`;

/** One of the service's routes. Pure. @param path as a regular expression */
export const on = (method: string, path: string, answer: (request: EngineRequest) => unknown): Route => ({
  method,
  path: new RegExp(`^${path}$`),
  answer,
});

/** What the engine is told of a stack (apitype.Stack). Pure. */
export const described = (name: string) => ({
  id: name,
  orgName: ORGANIZATION,
  projectName: PROJECT_NAME,
  stackName: name,
  activeUpdate: "",
  tags: {},
  version: 1,
});

/**
 * What the engine asks before anything else: who it is, what the service can do, and what there is.
 *
 * @param exportOf the state of a stack as it is answered; undefined when there is no such stack
 */
export function readingRoutes(exportOf: (stack: string) => unknown): Route[] {
  const user = { id: ORGANIZATION, githubLogin: ORGANIZATION, name: ORGANIZATION, organizations: [] };
  return [
    on("GET", "/api/user", () => user),
    on("GET", "/api/user/organizations/default", () => ({ GitHubLogin: ORGANIZATION, Messages: [] })),
    on("GET", "/api/capabilities", () => ({ capabilities: [{ capability: "begin-update", version: 1 }] })),
    on("GET", STACK_PATH, ({ names: [name = ""] }) => (exportOf(name) === undefined ? undefined : described(name))),
    on("GET", `${STACK_PATH}/export`, ({ names: [name = ""] }) => exportOf(name)),
  ];
}
