import { writeFileSync } from "node:fs";
import { errorsPage } from "./page.ts";

// node toolchain/run.mjs errors/generate.ts: writes docs/reference/errors.md.
writeFileSync(new URL("../docs/reference/errors.md", import.meta.url), errorsPage());
