import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder, where Pulumi.yaml lies. */
export const PROJECT_ROOT = resolve(fileURLToPath(import.meta.url), "../..");
