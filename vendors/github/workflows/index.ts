import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, parseDocument } from "yaml";
import type { EstateOfWorkflows, WorkflowFile, Workflows } from "../../ci.ts";
import { bulkDeploy } from "./bulk-deploy.ts";
import { continues } from "./continues.ts";
import { piecesFor } from "./pieces.ts";
import { pleskDeploy } from "./plesk-deploy.ts";
import { previewOfChange } from "./preview.ts";
import { renderWorkflow } from "./render.ts";
import { costMonitor, driftWatch, healthCheck } from "./watching.ts";

/** All workflows of an estate as files. Pure. */
function workflowFiles(estate: EstateOfWorkflows = {}): WorkflowFile[] {
  const pieces = piecesFor(estate);
  return [previewOfChange, bulkDeploy, continues, pleskDeploy, healthCheck, costMonitor, driftWatch].map((make) => {
    const workflow = make(pieces);
    return { name: `${workflow.name}.yml`, text: renderWorkflow(workflow, estate) };
  });
}

/** The branch whose pushes `ai-bulk-deploy` carries out. */
function branchIn(dir: string): string | undefined {
  const file = join(dir, "ai-bulk-deploy.yml");
  if (!existsSync(file)) return undefined;
  const { contents } = parseDocument(readFileSync(file, "utf8"));
  const branch = isMap(contents) ? contents.getIn(["on", "push", "branches", 0]) : undefined;
  return typeof branch === "string" ? branch : undefined;
}

/** Workflows of GitHub Actions. */
export const workflows: Workflows = { folder: ".github/workflows", files: workflowFiles, branchIn };
