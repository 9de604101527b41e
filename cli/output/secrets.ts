import type { z } from "zod";
import { plainLine } from "../../errors/plain.ts";
import type { secretsImport } from "../../operations/secrets-import.ts";
import type { secretsPlan } from "../../operations/secrets-plan.ts";
import type { secretsRotate } from "../../operations/secrets-rotate.ts";
import type { secretsVerify } from "../../operations/secrets-verify.ts";
import { plural, print, say, table } from "./style.ts";

type Document<Operation extends { readonly output: z.ZodType }> = z.input<Operation["output"]>;

/** Shows every secret, and how those of databases can be rotated where that was asked. */
export function showSecrets({ secrets, probed }: Document<typeof secretsPlan>): void {
  const rows = secrets.map(({ name, origin, to, ageDays, maxAgeDays, phase, write }) => {
    const age = ageDays === undefined ? "-" : `${ageDays} d${maxAgeDays === undefined ? "" : ` of ${maxAgeDays}`}`;
    return [name, origin, age, phase, write, to.join(", ")];
  });
  print(table([["secret", "origin", "age", "rotation", "writes", "goes to"], ...rows]));
  for (const { name, server, way, why, before } of probed ?? []) {
    say(
      `${name}: ${server}: ${way === "no gap" ? "rotates without a gap" : "only in a window"}${before > 0 ? `; ${plural(before, "old session")}` : ""}`,
    );
    for (const reason of why) say(`  it ${plainLine(reason, 200)}`);
  }
  const written = secrets.filter(({ write }) => write !== "kept").length;
  say(`${plural(secrets.length, "secret")}; ${written === 0 ? "nothing to write" : `${written} to write`}`);
}

/** Shows what is wrong with the secrets. */
export function showFindings({ secrets, findings }: Document<typeof secretsVerify>): void {
  for (const { kind, name, says, todo } of findings) {
    print(`${kind}  ${plainLine(name, 120)} ${says}`);
    say(`  ${todo}`);
  }
  say(findings.length === 0 ? `${plural(secrets, "secret")}, all as declared` : plural(findings.length, "finding"));
}

/** Shows what an import has done; names only. */
export function showImported(
  { set, takenOver, known, kept, left }: Document<typeof secretsImport>,
  dryRun: boolean,
): void {
  const would = dryRun ? "would be " : "";
  for (const name of set) print(`${would}set  ${name}`);
  for (const name of takenOver) print(`${would}taken over  ${name}: value unknown until it is imported or made anew`);
  const more = [
    `${set.length} ${would}set, ${takenOver.length} ${would}taken over, ${kept.length} kept`,
    ...(known.length > 0 ? [`no longer by hand: ${known.join(", ")}`] : []),
    ...(left > 0
      ? [`${plural(left, "entry", "entries")} of the export ${left === 1 ? "is" : "are"} no secret of the catalog`]
      : []),
  ];
  say(more.join("; "));
  if (kept.length > 0) say(`kept: ${kept.join(", ")} (--replace sets them anew)`);
}

/** Shows where rotations stand. */
export function showRotated({ secrets }: Document<typeof secretsRotate>): void {
  for (const { name, phase, current, waits, error } of secrets) {
    const state =
      phase === "steady" ? `rotated: value ${current} is the only one` : `${phase}, value ${current} in use`;
    print(`${name}  ${state}${waits === undefined ? "" : `; waits ${waits}`}`);
    if (error) {
      say(`  ${error.message}`);
      for (const detail of error.details ?? []) say(`  ${plainLine(detail, 300)}`);
      if (error.hint) say(`  ${error.hint}`);
    }
  }
  if (secrets.length === 0) say("no rotation is under way; --secret NAME begins one");
  else if (secrets.some(({ phase }) => phase !== "steady"))
    say("sitefleet secrets rotate goes on with what is under way");
}
