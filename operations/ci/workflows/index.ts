import { bulkDeploy } from "./bulk-deploy.ts";
import { continues } from "./continues.ts";
import { piecesFor } from "./pieces.ts";
import { pleskDeploy } from "./plesk-deploy.ts";
import { previewOfChange } from "./preview.ts";
import { renderWorkflow } from "./render.ts";
import type { EstateOfWorkflows } from "./shape.ts";
import { costMonitor, driftWatch, healthCheck } from "./watching.ts";

/** A file below `.github/workflows/`. */
export interface WorkflowFile {
  readonly name: string;
  readonly text: string;
}

/** All workflows of an estate as files. Pure. */
export function workflowFiles(estate: EstateOfWorkflows = {}): WorkflowFile[] {
  const pieces = piecesFor(estate);
  return [previewOfChange, bulkDeploy, continues, pleskDeploy, healthCheck, costMonitor, driftWatch].map((make) => {
    const workflow = make(pieces);
    return { name: `${workflow.name}.yml`, text: renderWorkflow(workflow, estate) };
  });
}
