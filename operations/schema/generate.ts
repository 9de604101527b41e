import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { OPERATIONS } from "../index.ts";
import { publishedFiles } from "./published.ts";

// node toolchain/run.mjs operations/schema/generate.ts: writes docs/schema/, and removes what no operation has any more.
const dir = new URL("../../docs/schema/", import.meta.url);
const files = publishedFiles(OPERATIONS);
for (const { name, text } of files) writeFileSync(new URL(name, dir), text);
for (const name of readdirSync(dir)) if (!files.some((file) => file.name === name)) rmSync(new URL(name, dir));
