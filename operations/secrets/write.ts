import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isSeq, parseDocument } from "yaml";
import { SitefleetError } from "../../errors/index.ts";
import type { Rotation, SecretEntry } from "../../model/index.ts";
import { writeFiles } from "../adopt/write.ts";

const FILE = "secrets.yaml";

/** What changes in the entry of a secret. */
export interface EntryChange {
  readonly rotation?: Rotation;
  readonly source?: SecretEntry["source"];
}

/** The text of secrets.yaml with entries changed; comments stay. Pure. @throws SitefleetError `catalog.invalid` */
export function withEntries(text: string, changes: ReadonlyMap<string, EntryChange>): string {
  const document = parseDocument(text);
  const list = document.get("secrets");
  const items = isSeq(list) ? list.items.filter(isMap) : [];
  for (const [name, { rotation, source }] of changes) {
    const item = items.find((one) => one.get("name") === name);
    if (item === undefined)
      throw new SitefleetError({
        code: "catalog.invalid",
        message: `${FILE} has no entry ${name}`,
        hint: "run sitefleet validate",
      });
    if (source !== undefined) item.set("source", source);
    if (rotation === undefined) continue;
    const first = rotation.current === 1 && Object.keys(rotation).length === 1;
    if (first) item.delete("rotation");
    else item.set("rotation", document.createNode(rotation, { flow: true }));
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** Changes entries of the catalog's secrets. @throws SitefleetError `adopt.changed` when another hand changed the file meanwhile */
export function writeEntries(dir: string, changes: ReadonlyMap<string, EntryChange>): void {
  const before = readFileSync(join(dir, FILE), "utf8");
  const after = withEntries(before, changes);
  if (after !== before) writeFiles(dir, [{ file: FILE, before, after, added: 0 }]);
}
