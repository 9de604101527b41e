import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { sampleCsv } from "./sites.ts";

// node toolchain/run.mjs model/sample/write.ts [--count 1500] [--out catalog/sites.csv]
const { values } = parseArgs({ options: { count: { type: "string", default: "1500" }, out: { type: "string" } } });
const text = sampleCsv(Number(values.count));
if (values.out === undefined) process.stdout.write(text);
else writeFileSync(values.out, text);
