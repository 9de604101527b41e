import type { Catalog } from "../model/index.ts";
import { cellState } from "./desired/cell.ts";
import { pleskState } from "./desired/plesk.ts";
import { sharedState } from "./desired/shared.ts";
import type { ArtifactInfo, StackState } from "./desired/types.ts";
import { stackKind } from "./names.ts";

export type {
  AccessState,
  ArtifactInfo,
  CellState,
  PleskState,
  ServiceState,
  SharedState,
  SiteState,
  StackState,
} from "./desired/types.ts";

/** The part of the catalog that is one stack's desired state. Pure; undefined when the name is no stack of ours. */
export function desiredState(
  catalog: Catalog,
  stack: string,
  artifacts: ReadonlyMap<string, ArtifactInfo> = new Map(),
): StackState | undefined {
  const kind = stackKind(stack);
  if (kind === undefined) return undefined;
  if (kind.kind === "cell") return cellState(catalog, kind.cell);
  return kind.kind === "shared" ? sharedState(catalog) : pleskState(catalog, artifacts);
}
