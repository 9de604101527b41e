import { writeFileSync } from "node:fs";
import { changeSetJsonSchema } from "../shape.ts";

// node fleet/change-set/schema/generate.ts: writes the published JSON Schema.
writeFileSync(new URL("change-set.schema.json", import.meta.url), changeSetJsonSchema());
