import { fileURLToPath } from "node:url";

/** The directory of this project, whose own tools are tried. */
export const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
