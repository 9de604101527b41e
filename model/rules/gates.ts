import type { Draft } from "../draft.ts";
import { type Place, type Report, show } from "../problem.ts";
import type { Area } from "../shape/gates.ts";

/** Windows and freezes are times that there are, and what needs approvals can get them. */
export function gateRules({ gates, approvers }: Pick<Draft, "gates" | "approvers">, report: Report): void {
  for (const id of ["window-host", "window-mass"] as const) {
    for (const [index, { from, to }] of (gates?.value.rules[id].windows ?? []).entries()) {
      if (gates && from === to)
        report("gate.window", gates.at("rules", id, "windows", index, "to"), "the window has no length", "another end");
    }
  }
  for (const [index, { from, to }] of (gates?.value.freezes ?? []).entries()) {
    if (gates && to < from) {
      report("gate.freeze", gates.at("freezes", index, "to"), `${to} is before ${from}`, `${from} or a later day`);
    }
  }
  if (approvers === undefined) return;
  const people = approvers.value.approvers;
  const seen = new Map<string, string>();
  const once = (what: string, place: Place, owner: string) => {
    const before = seen.get(what);
    if (before !== undefined)
      report("gate.approver", place, `${show(owner)} and ${show(before)} share it`, "one owner");
    else seen.set(what, owner);
  };
  for (const [index, { name, emails, keys, githubId }] of people.entries()) {
    const at = (...path: (string | number)[]) => approvers.at("approvers", index, ...path);
    once(`name ${name}`, at("name"), name);
    for (const [place, email] of emails.entries()) once(`mail ${email.toLowerCase()}`, at("emails", place), name);
    for (const [place, key] of keys.entries()) once(`key ${key.split(" ")[1]}`, at("keys", place), name);
    if (githubId !== undefined) once(`github ${githubId}`, at("githubId"), name);
    if (keys.length === 0 && githubId === undefined)
      report("gate.approver", at("keys"), `${show(name)} has no way to say yes`, "a key or a githubId");
  }
  for (const [id, { severity, approvals, area }] of Object.entries(gates?.value.rules ?? {})) {
    if (!gates || severity === "off" || severity === "inform") continue;
    const may = people.filter(({ areas }) => areas.includes(area as Area)).length;
    if (may < approvals)
      report(
        "gate.approvals",
        gates.at("rules", id, "approvals"),
        `needs ${approvals} approvals of area ${area}, and ${may} approvers may give one`,
        "as many as there are, or more approvers in approvers.yaml",
      );
  }
}
