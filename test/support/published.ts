import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { z } from "zod";

type Schema = Parameters<typeof z.fromJSONSchema>[0];

/** Objects may have described properties only: a new one without a description is found. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const parts = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return "properties" in parts && !("additionalProperties" in parts)
    ? { ...parts, additionalProperties: false }
    : parts;
}

/** Expects that a printed document is what docs/schema/ publishes for the operation, with no undescribed property. */
export function expectPublished(operation: string, printed: string): void {
  const file = `docs/schema/${operation.replaceAll(" ", "-")}.schema.json`;
  const { output } = (JSON.parse(readFileSync(file, "utf8")) as { $defs: { output: object } }).$defs;
  const result = z.fromJSONSchema(closed(output) as Schema).safeParse(JSON.parse(printed));
  expect(result.error?.issues ?? [], `${operation} --json`).toEqual([]);
}
