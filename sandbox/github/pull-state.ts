import { z } from "zod";

const account = z.object({ id: z.int().positive(), login: z.string(), type: z.string().default("User") });
/** A commit and whom GitHub takes for its authors. */
export const commit = z.object({
  sha: z.string(),
  author: account.nullable().default(null),
  committer: account.nullable().default(null),
});
const pullReview = z.object({
  id: z.int().positive(),
  user: account.nullable(),
  state: z.enum(["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]),
  body: z.string(),
  commit_id: z.string(),
  submitted_at: z.string(),
  /** Known to GraphQL alone. */
  edited_at: z.string().nullable().default(null),
});
/** A pull request with all that was said of it. */
export const pull = z.object({
  number: z.int().positive(),
  title: z.string().default("A change"),
  state: z.enum(["open", "closed"]).default("open"),
  user: account,
  head: z.string(),
  base: z.string().default("main"),
  merged_at: z.string().nullable().default(null),
  merge_commit_sha: z.string().nullable().default(null),
  commits: z.array(commit).default([]),
  reviews: z.array(pullReview).default([]),
});
/** Alerts as the API shows them; null: the repository has them not. */
export const alertLists = z.object({
  dependabot: z.array(z.record(z.string(), z.unknown())).nullable().default(null),
  codeScanning: z.array(z.record(z.string(), z.unknown())).nullable().default(null),
});
/** What was said of a run that waited at an environment. */
const runApproval = z.object({
  state: z.enum(["approved", "rejected", "pending"]),
  comment: z.string(),
  user: account,
  /** Names of environments. */
  gates: z.array(z.string()),
});

/** A run of a workflow. */
export const run = z.object({
  id: z.number(),
  workflow: z.string(),
  event: z.string(),
  ref: z.string(),
  inputs: z.record(z.string(), z.unknown()),
  status: z.enum(["queued", "in_progress", "completed"]),
  conclusion: z.string().nullable(),
  run_number: z.number(),
  run_attempt: z.number().default(1),
  head_sha: z.string().default(""),
  approvals: z.array(runApproval).default([]),
  created_at: z.string(),
  updated_at: z.string(),
});

/** What a test may say of a repository. */
export const told = z
  .strictObject({
    pulls: z.array(pull),
    alerts: alertLists,
    commits: z.array(commit),
    runs: z.array(
      run.extend({
        workflow: z.string().default("up.yml"),
        event: z.string().default("push"),
        ref: z.string().default("main"),
        inputs: z.record(z.string(), z.unknown()).default({}),
        status: run.shape.status.default("in_progress"),
        conclusion: z.string().nullable().default(null),
        run_number: z.number().default(1),
        created_at: z.string().default("2026-01-01T00:00:00Z"),
        updated_at: z.string().default("2026-01-01T00:00:00Z"),
      }),
    ),
  })
  .partial();
/** A person's account, or a bot's. */
export type Account = z.infer<typeof account>;
export type Pull = z.infer<typeof pull>;
export type PullReview = z.infer<typeof pullReview>;
export type Run = z.infer<typeof run>;
