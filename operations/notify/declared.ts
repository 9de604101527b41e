import { SitefleetError } from "../../errors/index.ts";
import { stateDir } from "../../fleet/backend/store/state-dir.ts";
import { ownStore, stateStore } from "../../fleet/backend/store/state-store.ts";
import type { Store } from "../../fleet/backend/store/store.ts";
import { loadCatalog, type Notify, type NotifyReceiver, readNotify } from "../../model/index.ts";

/** Where what is not told yet, incidents and events are kept. @throws SitefleetError `environment.invalid` */
export const keptIn = async (): Promise<Store> => ownStore(stateDir(), await stateStore());

/**
 * The receivers of a catalog, or those that are named. A mistake of notify.yaml is told, one elsewhere in the catalog is not.
 *
 * @throws SitefleetError `catalog.invalid`, `notify.none`, `notify.unknown`
 */
export function receiversOf(catalogDir: string, names: readonly string[] = []): readonly NotifyReceiver[] {
  const notify: Notify | undefined = readNotify(catalogDir);
  // Says what is wrong with a file that is there and cannot be used.
  if (notify === undefined) loadCatalog(catalogDir);
  const receivers = notify?.receivers ?? [];
  if (receivers.length === 0) {
    throw new SitefleetError({
      code: "notify.none",
      message: "the catalog declares no receiver of messages",
      subject: "notify.yaml",
      hint: "docs/guides/notifications.md has one of each kind",
    });
  }
  const unknown = names.filter((name) => !receivers.some((one) => one.name === name));
  if (unknown.length > 0) {
    throw new SitefleetError({
      code: "notify.unknown",
      message: `notify.yaml declares no receiver ${unknown.join(", ")}`,
      hint: `it declares ${receivers.map(({ name }) => name).join(", ")}`,
    });
  }
  return names.length === 0 ? receivers : receivers.filter(({ name }) => names.includes(name));
}
