// What breaks when these fail: a field of a service changes without its artifact, and nobody says what that does.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../../model/index.ts";
import { HostShape } from "../../../model/shape/hosts.ts";
import { DatabaseShape, ServiceShape } from "../../../model/shape/services.ts";
import { desiredState, type PleskState } from "../../../stacks/desired.ts";
import { canonicalJson } from "../../../stacks/digest.ts";
import { PROJECT_ROOT } from "../../../stacks/root.ts";
import {
  changedInputs,
  changedInputsOf,
  DATABASE_EFFECTS,
  HEALTH_EFFECTS,
  HOST_EFFECTS,
  SERVICE_EFFECTS,
} from "../../../stacks/service-inputs.ts";

const healthFields = Object.keys((ServiceShape.shape.health.unwrap() as { shape: object }).shape);
const tables = [
  ["service", Object.keys(ServiceShape.shape), SERVICE_EFFECTS],
  ["database", Object.keys(DatabaseShape.shape), DATABASE_EFFECTS],
  ["health", healthFields, HEALTH_EFFECTS],
  ["host", Object.keys(HostShape.shape), HOST_EFFECTS],
] as const;

describe("what a change of a field does", () => {
  it.each(tables)("is said of every field of a %s, and of no other", (_, fields, effects) => {
    expect(fields.length).toBeGreaterThan(3);
    expect(Object.keys(effects).sort()).toEqual([...fields].sort());
  });

  it("stands in the guide as the program says it", () => {
    const guide = readFileSync(join(PROJECT_ROOT, "docs/reference/services.md"), "utf8");
    for (const [name, , effects] of tables) {
      const prefix = name === "service" ? "" : `${name}.`;
      for (const [field, effect] of Object.entries(effects))
        expect(guide).toContain(`| \`${prefix}${field}\` | ${effect} |`);
    }
  });
});

describe("a preview", () => {
  const state = desiredState(loadCatalog(`${PROJECT_ROOT}/catalog`), "prod-plesk") as PleskState;
  const games = state.services.find(({ key }) => key === "games")!;

  it("names every difference with what it does, and nothing of what is equal or of a new service", () => {
    expect(changedInputsOf(canonicalJson(state), state).get("games")).toEqual([]);
    const now = { ...games, path: "/www/elsewhere", database: { ...games.database!, name: "mo_games2" } };
    expect(changedInputs(games, now)).toEqual([
      `path: "${games.path}" -> "/www/elsewhere": ${SERVICE_EFFECTS.path}`,
      `database.name: "mo_games" -> "mo_games2": ${DATABASE_EFFECTS.name}`,
    ]);
    expect(changedInputsOf(undefined, state).size).toBe(0);
    expect(changedInputsOf("{", state).size).toBe(0);
  });

  it("says of every field of the state that differs that it does, its content apart", () => {
    for (const field of Object.keys(games)) {
      if (["key", "artifactDir", "artifactDigest"].includes(field)) continue;
      const value = (games as unknown as Record<string, unknown>)[field];
      const other = typeof value === "object" && value !== null ? mutated(value) : `${String(value)}-other`;
      expect(changedInputs(games, { ...games, [field]: other } as typeof games), field).not.toEqual([]);
    }
  });

  function mutated(value: object): unknown {
    if (Array.isArray(value)) return [...value, "other"];
    const [first = "x"] = Object.keys(value);
    return { ...value, [first]: "other" };
  }
});
