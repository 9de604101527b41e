import { mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepFindings } from "../../../../../environment/kept.ts";
import { type BackendFiles, backendFiles } from "../../../../../fleet/backend/states/backend-files.ts";
import { inspectStates } from "../../../../../fleet/backend/states/inspect.ts";
import { KnownWhole } from "../../../../../fleet/backend/states/known-whole.ts";
import { stateText, writeState } from "../../../../support/states.ts";

// What breaks when this fails: a state that was damaged since an earlier command counts as whole; or every command reads all of all states.

const PATH = "stacks/sitefleet/a.json";
const TEXT = stateText("a");
let root: string;
let file: string;
const env = () => ({ PULUMI_BACKEND_URL: `file://${root}` });
const damage = async () => [...(await inspectStates(["a"], env())).values()].map((fault) => fault.damage.kind);
const known = async () => {
  const seen = new KnownWhole((await backendFiles(env())) as BackendFiles);
  return seen.find(`.pulumi/${PATH}`, seen.stampOf(`.pulumi/${PATH}`)) ?? seen.find(PATH, seen.stampOf(PATH));
};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sitefleet-whole-"));
  file = writeState(root, PATH, TEXT);
  keepFindings({ dir: join(root, "kept"), program: "p" });
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
});
afterEach(() => {
  vi.restoreAllMocks();
  keepFindings(undefined);
  rmSync(root, { recursive: true, force: true });
});

it("is read once while it is not written", async () => {
  expect(await known()).toBeUndefined();
  expect(await damage()).toEqual([]);
  expect(await known()).toEqual({ time: "2026-11-22T16:04:21.851659627Z" });
  expect(await damage()).toEqual([]);
});

it.each<[string, () => void]>([
  ["cut off", () => writeFileSync(file, TEXT.slice(0, -20))],
  [
    "damaged in place, of the same size and with its time put back",
    () => {
      const { atime, mtime } = statSync(file);
      writeFileSync(file, TEXT.replace("{", "!"));
      utimesSync(file, atime, mtime);
    },
  ],
  [
    "replaced by another file of the same size and time",
    () => {
      const { atime, mtime } = statSync(file);
      writeFileSync(`${file}.new`, TEXT.replace("{", "!"));
      utimesSync(`${file}.new`, atime, mtime);
      renameSync(`${file}.new`, file);
    },
  ],
])("is found when it was %s since", async (_, change) => {
  expect(await damage()).toEqual([]);
  change();
  expect(await damage()).toHaveLength(1);
  expect(await damage()).toHaveLength(1);
});

it("is not known where it was written so short a time ago that it might be again within the same tick", async () => {
  vi.restoreAllMocks();
  expect(await damage()).toEqual([]);
  expect(await known()).toBeUndefined();
});

it("is not known of a damaged state, nor to a process that keeps nothing", async () => {
  writeFileSync(file, "{");
  expect(await damage()).toHaveLength(1);
  expect(await known()).toBeUndefined();
  writeFileSync(file, TEXT);
  keepFindings(undefined);
  expect(await damage()).toEqual([]);
  expect(await known()).toBeUndefined();
});
