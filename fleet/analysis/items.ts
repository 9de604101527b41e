import type { StackState } from "../../stacks/desired.ts";
import { difference, type StackChange } from "../../stacks/state.ts";
import type { Fate, Item, StackFacts } from "../run/preflight/types.ts";

/** Everything that was declared before, and what becomes of it: what shares are reckoned of. Pure. */
export function itemsOf(stack: string, before: StackState | undefined, change: StackChange | undefined): StackFacts {
  const fates = new Map<string, Fate>(
    (change ? difference(before, change.target) : []).map(({ part, name, change: how }) => [
      `${part} ${name}`,
      how === "removed" ? "deleted" : "updated",
    ]),
  );
  const item = (kind: Item["kind"], name: string, key = `${kind} ${name}`): Item => {
    const fate = fates.get(key);
    return fate === undefined ? { kind, name } : { kind, name, fate };
  };
  return { stack, inRun: change !== undefined, items: before === undefined ? [] : items(before, item), protected: [] };
}

function items(state: StackState, item: (kind: Item["kind"], name: string, key?: string) => Item): Item[] {
  switch (state.kind) {
    case "cell":
      return state.sites.map(({ host }) => item("site", host));
    case "plesk":
      return state.services.flatMap(({ key, database }) => {
        const own = item("service", key);
        const kept: Item[] = database
          ? [{ kind: "database", name: database.name, ...(own.fate === "deleted" ? { fate: own.fate } : {}) }]
          : [];
        return [own, ...kept];
      });
    case "shared":
      return [
        ...state.zones.filter(({ mode }) => mode === "create").map(({ name }) => item("zone", name)),
        ...state.projects.map(({ name }) => item("project", name)),
        ...state.environment.secrets.map(({ name }) => item("secret", name)),
      ];
  }
}
