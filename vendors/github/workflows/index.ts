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

/** Workflows of GitHub Actions. */
export const workflows: Workflows = { folder: ".github/workflows", files: workflowFiles };
