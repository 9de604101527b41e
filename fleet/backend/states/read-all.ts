import type { SitefleetError } from "../../../errors/index.ts";
import { JSON_END, PROJECT_NAME, STACKS } from "../store/project.ts";
import { backendFiles } from "./backend-files.ts";
import { inspectStates } from "./inspect.ts";
import { type AnyResource, readStateBytes } from "./read-state.ts";
import { statesAmong } from "./state-files.ts";

const STATE_OR_BACKUP = new RegExp(`^([^/]+)${JSON_END}(?:\\.bak)?$`);

/** What all states hold, as far as they can be read. */
export interface AllStates {
  readonly resources: readonly AnyResource[];
  /** One `state.damaged` a stack whose state cannot be worked with. */
  readonly damaged: readonly SitefleetError[];
}

/** The resources of all stacks of a backend that can be read from here. @throws SitefleetError `store.unreachable` */
export async function readAllStates(env: NodeJS.ProcessEnv): Promise<AllStates> {
  const backend = await backendFiles(env);
  if (backend === undefined) return { resources: [], damaged: [] };
  const listed = await backend.list(STACKS);
  // Also what is left of stacks whose state is gone.
  const names = listed.flatMap(({ name }) => STATE_OR_BACKUP.exec(name)?.[1] ?? []);
  const faults = await inspectStates(names, env);
  const resources: AnyResource[] = [];
  for (const { stack, path } of statesAmong(listed).filter((file) => !faults.has(file.stack))) {
    const bytes = await backend.bytes(path);
    const read = bytes && readStateBytes(bytes, stack, PROJECT_NAME);
    if (read && !read.damage) resources.push(...read.resources);
  }
  return { resources, damaged: [...faults.values()].map(({ error }) => error) };
}
