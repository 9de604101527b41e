import { adoptApply } from "./adopt-apply.ts";
import { adoptMatch } from "./adopt-match.ts";
import { adoptScan } from "./adopt-scan.ts";
import { adoptUndo } from "./adopt-undo.ts";
import { adoptWrite } from "./adopt-write.ts";
import { alerts } from "./alerts.ts";
import { analyse } from "./analyse.ts";
import { approvalRequest } from "./approval-request.ts";
import { approve } from "./approve.ts";
import { build } from "./build.ts";
import { cells } from "./cells.ts";
import { ciComment } from "./ci/comment.ts";
import { ciContinue } from "./ci/continue.ts";
import { ciData } from "./ci/data.ts";
import { ciPlan } from "./ci/plan.ts";
import { ciWorkflows } from "./ci/workflows.ts";
import { cost } from "./cost.ts";
import { costAdvice } from "./cost-advice.ts";
import { costCharges } from "./cost-charges.ts";
import { costForecast } from "./cost-forecast.ts";
import { costSpikes } from "./cost-spikes.ts";
import { costTarget } from "./cost-target.ts";
import { doctor } from "./doctor.ts";
import { drift } from "./drift.ts";
import { flowsList } from "./flows-list.ts";
import { flowsRun } from "./flows-run.ts";
import { flowsShow } from "./flows-show.ts";
import { flowsVisual } from "./flows-visual.ts";
import { health } from "./health.ts";
import { incidentAck } from "./incident-ack.ts";
import { incidentClose } from "./incident-close.ts";
import { incidentList } from "./incident-list.ts";
import { incidentReport } from "./incident-report.ts";
import { incidentShow } from "./incident-show.ts";
import { init } from "./init.ts";
import type { Operation } from "./kit/operation.ts";
import { metrics } from "./metrics.ts";
import { notifyFlush } from "./notify-flush.ts";
import { notifyStatus } from "./notify-status.ts";
import { notifyTest } from "./notify-test.ts";
import { overview } from "./overview.ts";
import { plan } from "./plan.ts";
import { pleskDbChanges } from "./plesk/db-changes.ts";
import { pleskDbRestore } from "./plesk/db-restore.ts";
import { pleskDbSnapshot } from "./plesk/db-snapshot.ts";
import { pleskDeploy } from "./plesk/deploy.ts";
import { pleskPermissions } from "./plesk/permissions.ts";
import { pleskPlan } from "./plesk/plan.ts";
import { pleskRollback } from "./plesk/rollback.ts";
import { pleskReleases, pleskStatus } from "./plesk/status.ts";
import { pleskUnlock } from "./plesk/unlock.ts";
import { preview } from "./preview.ts";
import { qualityRun } from "./quality-run.ts";
import { qualityShow } from "./quality-show.ts";
import { qualityStatus } from "./quality-status.ts";
import { releaseClear } from "./release-clear.ts";
import { releaseList } from "./release-list.ts";
import { report } from "./report.ts";
import { rollback } from "./rollback.ts";
import { rollbackList } from "./rollback-list.ts";
import { rollbackPreview } from "./rollback-preview.ts";
import { rollout } from "./rollout.ts";
import { rolloutAbort } from "./rollout-abort.ts";
import { rolloutPause } from "./rollout-pause.ts";
import { rolloutPlan } from "./rollout-plan.ts";
import { rolloutPromote } from "./rollout-promote.ts";
import { rolloutResume } from "./rollout-resume.ts";
import { rolloutStatus } from "./rollout-status.ts";
import { secretsImport } from "./secrets-import.ts";
import { secretsPlan } from "./secrets-plan.ts";
import { secretsRotate } from "./secrets-rotate.ts";
import { secretsVerify } from "./secrets-verify.ts";
import { sign } from "./sign.ts";
import { up } from "./up.ts";
import { validate } from "./validate.ts";
import { watch } from "./watch.ts";

/** What is known of an operation without carrying it out. */
export type OperationFacts = Pick<Operation, "name" | "summary" | "changes" | "input" | "events" | "output">;

/** Everything that can be done, by name. An interface that serves one operation imports that one alone: this loads all. */
export const OPERATIONS: readonly OperationFacts[] = [
  adoptApply,
  adoptMatch,
  adoptScan,
  adoptUndo,
  adoptWrite,
  alerts,
  analyse,
  approvalRequest,
  approve,
  build,
  cells,
  ciComment,
  ciContinue,
  ciData,
  ciPlan,
  ciWorkflows,
  cost,
  costAdvice,
  costCharges,
  costForecast,
  costSpikes,
  costTarget,
  doctor,
  drift,
  flowsList,
  flowsRun,
  flowsShow,
  flowsVisual,
  health,
  incidentAck,
  incidentClose,
  incidentList,
  incidentReport,
  incidentShow,
  init,
  metrics,
  notifyFlush,
  notifyStatus,
  notifyTest,
  overview,
  plan,
  pleskDbChanges,
  pleskDbRestore,
  pleskDbSnapshot,
  pleskDeploy,
  pleskPermissions,
  pleskPlan,
  pleskReleases,
  pleskRollback,
  pleskStatus,
  pleskUnlock,
  preview,
  qualityRun,
  qualityShow,
  qualityStatus,
  releaseClear,
  releaseList,
  report,
  rollback,
  rollbackList,
  rollbackPreview,
  rollout,
  rolloutAbort,
  rolloutPause,
  rolloutPlan,
  rolloutPromote,
  rolloutResume,
  rolloutStatus,
  secretsImport,
  secretsPlan,
  secretsRotate,
  secretsVerify,
  sign,
  up,
  validate,
  watch,
];
