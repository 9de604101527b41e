import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../stacks/root.ts";
import { toolTables } from "./page.ts";

const file = join(PROJECT_ROOT, "docs/reference/mcp.md");
const page = readFileSync(file, "utf8");
writeFileSync(
  file,
  page.replace(
    /(<!-- tools -->\n)[\s\S]*(\n<!-- end -->)/,
    (_, start: string, end: string) => start + toolTables() + end,
  ),
);
