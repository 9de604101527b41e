import { plainLine } from "../../errors/plain.ts";
import type { documentOfMatching } from "../../operations/adopt/documents.ts";
import type { AdoptEvent } from "../../operations/adopt/events.ts";
import { type AdoptApplied, messageOf } from "../../operations/adopt-apply.ts";
import type { Undone } from "../../operations/adopt-undo.ts";
import type { AdoptWritten } from "../../operations/adopt-write.ts";
import type { Shows } from "../stoppable.ts";
import { plural, print, say, table } from "./style.ts";
import { Teller } from "./teller.ts";

type Document = ReturnType<typeof documentOfMatching>;

/** Pages between two lines about them. */
const EVERY = 100;

/** Shows an adoption as it goes on. */
export class AdoptTeller implements Shows<AdoptEvent> {
  readonly #inner = new Teller();

  emit(event: AdoptEvent): void {
    if (event.event === "pages") {
      if (event.read % EVERY === 0) say(`${event.read} pages read, ${event.left} known to be left`);
    } else if (event.event === "services-unread") say(`services were not looked at: ${event.reason}`);
    else this.#inner.emit(event);
  }
}

/** Lines of a list for people; the rest is counted. */
function list(title: string, rows: readonly (readonly string[])[], all: boolean): void {
  if (rows.length === 0) return;
  const most = all ? rows.length : 20;
  print(`\n${title}: ${rows.length}`);
  // Names and texts are the vendors': one harmless line each.
  print(table(rows.slice(0, most).map((row) => row.map((cell) => plainLine(cell, 120)))));
  if (rows.length > most) print(`… and ${rows.length - most} more (--all)`);
}

/** Shows what is declared, held against what exists. @param all without it long lists are cut */
export function showMatching(document: Document, all: boolean): void {
  const { counts } = document;
  print(
    table([
      ["found", "matched", "held", "ambiguous", "waiting", "missing", "unsupported", "undeclared"],
      [
        counts.found,
        counts.matched,
        counts.held,
        counts.ambiguous,
        counts.waiting,
        counts.missing,
        counts.unsupported,
        counts.foreign,
      ],
    ]),
  );
  const unsure = document.matched.filter(({ confidence }) => confidence < 100);
  list(
    "matched, and not beyond doubt",
    unsure.map(({ declared, found, confidence, reason }) => [
      declared.name,
      declared.role,
      found.name,
      `${confidence} %`,
      reason,
    ]),
    all,
  );
  if (all) {
    list(
      "matched",
      document.matched.map(({ declared, found, reason }) => [declared.name, declared.role, found.id, reason]),
      all,
    );
  }
  list(
    "ambiguous: none is taken",
    document.ambiguous.map(({ declared, found, reason }) => [
      declared.map(({ name }) => name).join(", "),
      declared[0]?.role ?? "",
      found.map(({ name, id }) => `${name} (${id})`).join(", "),
      reason,
    ]),
    all,
  );
  list(
    "fit, and wait for what was not found: an update takes them up",
    document.waiting.map(({ declared, found }) => [declared.name, declared.role, found.id]),
    all,
  );
  list(
    "declared and not found: an update makes them",
    document.missing.map(({ name, role, stack, note = "" }) => [name, role, stack, note]),
    all,
  );
  list(
    "found and not declarable",
    document.unsupported.map(({ name, role, vendor, unsupported = "" }) => [name, role, vendor, `it ${unsupported}`]),
    all,
  );
  list(
    "found, and no declaration asks for them: they stay as they are",
    document.foreign.map(({ name, role, vendor, id }) => [name, role, vendor, id]),
    all,
  );
}

/** Shows what the catalog gets. @param all without it long lists are cut */
export function showRows({ rows, files, problems, refused, written }: AdoptWritten, all: boolean): void {
  const { sites, channels, zones, records } = rows;
  list(
    "rows of sites.csv",
    sites.map((one) => [
      one.name,
      one.zone,
      one.project,
      one.repository,
      one.root_directory,
      one.framework,
      one.channel,
    ]),
    all,
  );
  list(
    "channels of releases.yaml",
    channels.map(({ name, ref }) => [name, ref]),
    all,
  );
  list(
    "zones of zones.yaml",
    zones.map(({ name, dns, mode, records: own }) => [name, dns, mode, plural(own.length, "record")]),
    all,
  );
  list(
    "records of zones.yaml",
    [...records, ...zones.flatMap((zone) => zone.records.map((record) => ({ zone: zone.name, record })))].map(
      ({ zone, record }) => [zone, record.type, record.name, record.content],
    ),
    all,
  );
  list(
    "would be refused by the catalog as they are, and are left out",
    refused.map(({ what, reason }) => [what, reason]),
    all,
  );
  list(
    "gets no row",
    rows.left.map(({ seen: { name, role }, reason }) => [name, role, `it ${reason}`]),
    all,
  );
  list(
    "has another name at its vendor than the catalog gives it: a preview shows it",
    rows.renamed.map(({ seen: { name }, declared }) => [name, declared]),
    all,
  );
  for (const problem of problems) say(problem);
  if (problems.length > 0) say("nothing is written while the catalog would have these problems");
  else if (files.length === 0) say("everything that can be declared is declared");
  else say(written ? "written; next: sitefleet validate, sitefleet adopt match" : "nothing was written; add --write");
}

/** Shows what an adoption came to. */
export function showApplied({
  adopted,
  asked,
  matching,
  results,
  skipped,
  calls,
  milliseconds,
  before,
  run,
}: AdoptApplied): void {
  const total = [...asked.values()].reduce((sum, one) => sum + one.length, 0);
  const taken = [...adopted.values()].reduce((sum, one) => sum + one.length, 0);
  say(
    `${taken} of ${plural(total, "object")} taken into the states of ${plural(adopted.size, "stack")}, ${matching.held.length} were there before`,
  );
  for (const { stack, failed = [], errors, ok } of results) {
    if (ok) continue;
    const named = failed.map(({ name, message = messageOf(name, errors) }) => `${name}: ${message}`);
    for (const line of named.length > 0 ? named : errors) say(`${stack}: ${line}`);
  }
  for (const { stack, reason } of skipped) say(`${stack}: ${reason}`);
  if (results.some(({ ok }) => !ok))
    say("read it again (sitefleet adopt scan), then the same command goes on with what is left");
  const asking = calls && Object.entries(calls).map(([vendor, count]) => `${vendor} ${count}`);
  say(`run ${run}: ${(milliseconds / 1000).toFixed(1)} s${asking?.length ? `; calls: ${asking.join(", ")}` : ""}`);
  if (before !== undefined) say(`the states as they were: ${before}`);
  say(
    "next: sitefleet preview --refresh lists where what is live differs from its row; sitefleet adopt undo takes it all out again",
  );
}

/** Shows what was taken out of the states. */
export function showUndone({ stacks, before }: Undone): void {
  for (const { stack, removed, kept, error } of stacks) {
    if (error !== undefined) say(`${stack}: ${error}`);
    else say(`${stack}: ${plural(removed.length, "object")} out of the state`);
    for (const name of kept) say(`${stack}: ${name} stays, since something that was not adopted refers to it`);
  }
  say(`no vendor was called; the states as they were: ${before}`);
}
