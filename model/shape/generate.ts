import { readFileSync, writeFileSync } from "node:fs";
import { jsonSchemas } from "./json-schema.ts";

// node toolchain/run.mjs model/shape/generate.ts [--check]: writes the JSON Schemas for editors, or says which are out of date.
const check = process.argv.includes("--check");
let stale = 0;
for (const { name, text } of jsonSchemas()) {
  const file = new URL(`../../catalog/schema/${name}`, import.meta.url);
  if (check && read(file) !== text) {
    stale++;
    console.error(`catalog/schema/${name} is out of date: run node toolchain/run.mjs model/shape/generate.ts`);
  }
  if (!check) writeFileSync(file, text);
}
process.exitCode = stale === 0 ? 0 : 1;

function read(file: URL): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
