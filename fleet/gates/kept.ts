import { createHash } from "node:crypto";
import { z } from "zod";
import { hasCode } from "../../errors/index.ts";
import { changeObject, type Store } from "../backend/store/store.ts";
import { type ChangeSet, changeSetJson, changeSetShape } from "../change-set/index.ts";
import { type ApprovalRequest, parseRequest, requestText } from "./request.ts";

const FOLDER = "approvals";
const TRUSTED = `${FOLDER}/trusted.json`;
const spentShape = z.object({ run: z.string(), by: z.string(), at: z.string(), digest: z.string() });
const trustedShape = z.object({
  commit: z.string(),
  run: z.string(),
  at: z.string(),
  approvers: z.boolean().optional(),
});

/** Who used an approval. */
export type Spent = z.infer<typeof spentShape>;

/**
 * Uses an approval up. Of several processes that do so at once, on whatever machines, exactly one is told that it did.
 *
 * @returns undefined when it was this one; else who was first
 * @throws SitefleetError `store.unreachable`
 */
export async function spend(store: Store, id: string, spent: Spent): Promise<Spent | undefined> {
  const key = `${FOLDER}/spent/${id}.json`;
  if (await store.put(key, `${JSON.stringify(spent)}\n`, { absent: true })) return undefined;
  return spentBy(store, id);
}

/** Who used an approval up; undefined: it can be used. */
export async function spentBy(store: Store, id: string): Promise<Spent | undefined> {
  const found = await store.get(`${FOLDER}/spent/${id}.json`);
  return found && spentShape.parse(JSON.parse(found.text));
}

/** Under which a review is used up, as a request is under its id. Pure. */
export const keyOfReview = (repository: string, key: string): string =>
  `review-${createHash("sha256").update(`${repository.toLowerCase()} ${key}`).digest("hex").slice(0, 32)}`;

/** The request that was made for a digest, with the changes that it is about. */
export interface KeptRequest {
  readonly request: ApprovalRequest;
  readonly set?: ChangeSet | undefined;
}

/** Keeps a request where all machines find it. */
export async function keepRequest(store: Store, { request, set }: KeptRequest): Promise<void> {
  const folder = `${FOLDER}/requests/${request.digest}`;
  if (set) await store.put(`${folder}.set.json`, changeSetJson(set));
  await store.put(`${folder}.yaml`, requestText(request));
}

/** The request that was last made for a digest. */
export async function keptRequest(store: Store, digest: string): Promise<KeptRequest | undefined> {
  const folder = `${FOLDER}/requests/${digest}`;
  const text = (await store.get(`${folder}.yaml`))?.text;
  if (text === undefined) return undefined;
  const set = (await store.get(`${folder}.set.json`))?.text;
  const read = set === undefined ? undefined : changeSetShape.safeParse(JSON.parse(set));
  const request = readable(text, digest);
  return request && { request, set: read?.data };
}

/** Requests that can still be answered and were not: a run waits for each, or has gone on with other changes. */
export async function openRequests(store: Store, now: Date): Promise<ApprovalRequest[]> {
  const folder = `${FOLDER}/requests/`;
  const kept = (await store.list(folder)).filter(({ key }) => key.endsWith(".yaml"));
  const found = await Promise.all(
    kept.map(async ({ key }) => {
      const text = (await store.get(key))?.text;
      const request = text === undefined ? undefined : readable(text, key);
      if (request === undefined || new Date(request.expires) <= now) return [];
      return (await spentBy(store, request.id)) === undefined ? [request] : [];
    }),
  );
  return found.flat();
}

/** One that cannot be read is none: another is made. */
function readable(text: string, digest: string): ApprovalRequest | undefined {
  try {
    return parseRequest(text, digest);
  } catch (error) {
    if (hasCode(error, "approval.malformed")) return undefined;
    throw error;
  }
}

/** The commit that was carried out last while its approvers were known, and whether it had some. */
export async function lastTrusted(store: Store): Promise<z.infer<typeof trustedShape> | undefined> {
  const found = await store.get(TRUSTED);
  return found && trustedShape.parse(JSON.parse(found.text));
}

/** Takes a commit for the base of the next change. */
export const trust = (store: Store, commit: string, run: string, at: Date, approvers: boolean): Promise<void> =>
  changeObject(store, TRUSTED, () => ({
    text: `${JSON.stringify({ commit, run, at: at.toISOString(), approvers })}\n`,
    result: undefined,
  }));

const approvedRunShape = z.object({
  digest: z.string(),
  approvers: z.array(z.string()),
  /** The request's id and end, and the run that has used it up. Absent in notes of earlier versions. */
  request: z.string().optional(),
  expires: z.string().optional(),
  by: z.string().optional(),
});
/** With whose yes a run began. */
export type ApprovedRun = z.infer<typeof approvedRunShape>;

/**
 * Remembers with whose yes a run begins: what it leaves is done by the run that goes on with it. It is noted before the yes is used up,
 * so that no kill comes between, and holds once it is.
 */
export async function noteRun(store: Store, run: string, noted: ApprovedRun): Promise<void> {
  await store.put(`${FOLDER}/runs/${run}.json`, `${JSON.stringify(noted)}\n`);
}

/** With whose yes a run began; undefined: with none, or with one that another run has used. */
export async function notedRun(store: Store, run: string): Promise<ApprovedRun | undefined> {
  const found = await store.get(`${FOLDER}/runs/${run}.json`);
  const noted = found && approvedRunShape.parse(JSON.parse(found.text));
  if (noted?.request === undefined) return noted;
  return (await spentBy(store, noted.request))?.run === noted.by ? noted : undefined;
}
