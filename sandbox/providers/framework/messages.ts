import type { CheckFailure, DiffResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import type { Failure } from "./check.ts";
import type { Diff } from "./resource.ts";
import { topLevel } from "./resource.ts";

const KIND = pb.PropertyDiff.Kind;
const KINDS = {
  add: [KIND.ADD, KIND.ADD_REPLACE],
  delete: [KIND.DELETE, KIND.DELETE_REPLACE],
  update: [KIND.UPDATE, KIND.UPDATE_REPLACE],
} as const;

/** Check failures as messages. */
export function failureList(failures: readonly Failure[]): CheckFailure[] {
  return failures.map(({ property, reason }) => new pb.CheckFailure().setProperty(property).setReason(reason));
}

/** A difference as a message, with its detailed form. */
export function diffResponse(diff: Diff): DiffResponse {
  const response = new pb.DiffResponse().setHasdetaileddiff(true);
  if (diff.differences.length === 0 && diff.replaces.length === 0) {
    return response.setChanges(pb.DiffResponse.DiffChanges.DIFF_NONE);
  }
  const replaces = new Set(diff.replaces);
  const tops = new Set(replaces);
  const detailed = response.getDetaileddiffMap();
  for (const { path, kind } of diff.differences) {
    const top = topLevel(path);
    tops.add(top);
    detailed.set(path, new pb.PropertyDiff().setKind(KINDS[kind][replaces.has(top) ? 1 : 0]));
  }
  return response
    .setChanges(pb.DiffResponse.DiffChanges.DIFF_SOME)
    .setReplacesList([...replaces])
    .setDiffsList([...tops])
    .setDeletebeforereplace(diff.deleteBeforeReplace);
}
