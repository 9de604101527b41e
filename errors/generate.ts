import { writeFileSync } from "node:fs";
import { errorsPage } from "./page.ts";

// node toolchain/run.mjs errors/generate.ts: writes docs/errors.md.
writeFileSync(new URL("../docs/errors.md", import.meta.url), errorsPage());
