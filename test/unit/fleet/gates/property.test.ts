import fc from "fast-check";
import { expect, test } from "vitest";
import { hasCode } from "../../../../errors/index.ts";
import { changeSetDigest } from "../../../../fleet/change-set/digest.ts";
import { approvalText, findApproval, parseApproval, type Verifier } from "../../../../fleet/gates/approval.ts";
import { judgeGates } from "../../../../fleet/gates/judge.ts";
import { newRequest, requestText } from "../../../../fleet/gates/request.ts";
import { NAMESPACE } from "../../../../fleet/gates/signature.ts";
import type { Approver } from "../../../../model/index.ts";
import { facts, rulesOf, SATURDAY, sites } from "./support.ts";

// Breaks when some order of edits, yeses and runs carries out what asks for an approval without a valid one for its digest.
// The gate, the check of approvals and the digest are the product's; signatures are a pair of key and text, the store a set.

const KEYS = { maria: "ssh-ed25519 AAAA", anna: "ssh-ed25519 BBBB", stranger: "ssh-ed25519 CCCC" };
type Name = keyof typeof KEYS;
const person = (name: Name): Approver => ({ name, emails: [`${name}@x.at`], keys: [KEYS[name]], areas: ["general"] });
const BASE = [person("maria"), person("anna")];
const sign = (name: Name, text: string, namespace: string) => JSON.stringify({ key: KEYS[name], namespace, text });
const verifier: Verifier = {
  read: (signature) => JSON.parse(signature),
  verify: async (text, signature) => JSON.parse(signature).text === text,
};
const rules = rulesOf("rules: { many-sites: { sites: 2 }, window-mass: { severity: off } }");

/** An edit: so many sites, by this author. The estate before it has none of them. */
const edit = fc.record({
  do: fc.constant("edit" as const),
  sites: fc.integer({ min: 1, max: 5 }),
  author: fc.constantFrom<Name[]>("maria", "anna", "stranger"),
  adds: fc.boolean(),
});
const yes = fc.record({
  do: fc.constant("approve" as const),
  by: fc.constantFrom<Name[]>("maria", "anna", "stranger"),
  namespace: fc.constantFrom(NAMESPACE, NAMESPACE, NAMESPACE, "git"),
  /** Changes the request's text after it was signed. */
  forged: fc.constantFrom(false, false, false, true),
  estate: fc.constantFrom("sandbox", "sandbox", "sandbox", "production"),
});
const run = fc.record({ do: fc.constant("run" as const), later: fc.constantFrom(0, 1, 2, 100) });

const step = fc.oneof(edit, yes, run);
/** Any order, and in two of three the usual one with anything after it: left to chance alone hardly a yes would count. */
const sequence = fc.oneof(
  { weight: 1, arbitrary: fc.array(step, { minLength: 1, maxLength: 6 }) },
  {
    weight: 2,
    arbitrary: fc.tuple(edit, yes, run, fc.array(step, { maxLength: 3 })).map(([a, b, c, more]) => [a, b, c, ...more]),
  },
);

test("no sequence of edits, approvals and runs carries out what asks for an approval without one", async () => {
  let carried = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(sequence, async (steps) => {
      let declared = { sites: 0, author: "stranger" as Name, adds: false, edits: 0 };
      let live = 0;
      const approvals: { text: string; by: Name; good: boolean; digest: string; author: Name }[] = [];
      const used = new Set<string>();
      const digestOf = () => {
        const changes = sites(declared.sites, "create").slice(live);
        return changeSetDigest({
          target: "sandbox",
          stacks: [{ stack: "prod-cell-07", ok: true, desired: String(declared.sites) }] as never,
          changes: changes.map((one) => ({ ...one, urn: one.name, group: "create", diffs: [] })) as never,
        });
      };
      for (const step of steps) {
        const changes = sites(declared.sites, "create").slice(live);
        const asks = judgeGates(rules, facts({ changes, live: 100 })).filter(({ severity }) => severity === "approve");
        if (step.do === "edit") {
          declared = { ...step, edits: declared.edits + 1 };
        } else if (step.do === "approve") {
          const digest = digestOf();
          const of = { estate: step.estate, operation: "up", digest, stacks: ["prod-cell-07"], does: "x", worst: [] };
          const request = newRequest({ ...of, asks, now: SATURDAY, expiryHours: 72 });
          const text = requestText(request);
          const kept = step.forged ? text.replace("does: x", "does: y") : text;
          const good =
            step.namespace === NAMESPACE && !step.forged && step.estate === "sandbox" && step.by !== "stranger";
          approvals.push({
            text: approvalText(kept, [sign(step.by, text, step.namespace)]),
            by: step.by,
            good,
            digest,
            author: declared.author,
          });
        } else {
          const digest = digestOf();
          const now = new Date(SATURDAY.getTime() + step.later * 3_600_000);
          const people = {
            base: BASE,
            later: [declared.adds ? [...BASE, person("stranger")] : BASE],
            authors: [`${declared.author}@x.at`],
          };
          // What the model knows to be valid, without asking the product.
          const valid = approvals.some(
            (one) =>
              one.good && one.digest === digest && one.by !== declared.author && step.later < 72 && !used.has(one.text),
          );
          let goes = asks.length === 0;
          if (!goes) {
            try {
              const all = approvals.map(({ text }, index) => parseApproval(text, `approvals/${index}.yaml`));
              const wanted = { estate: "sandbox", operation: "up", digest, stacks: ["prod-cell-07"], asks, now };
              const spent = async (id: string) => ([...used].some((text) => text.includes(id)) ? "before" : undefined);
              const found = await findApproval(all, wanted, people, verifier, spent);
              goes = found !== undefined;
              if (found) used.add(approvals[all.indexOf(found.approval)]?.text ?? "");
            } catch (error) {
              if (
                !String((error as { code?: string }).code).startsWith("approval.") ||
                !hasCode(error, (error as { code: string }).code)
              )
                throw error;
            }
            expect(goes).toBe(valid);
            if (goes) carried++;
            else refused++;
          }
          if (goes) live = declared.sites;
        }
      }
    }),
    { numRuns: 500 },
  );
  // It says something only if both were seen.
  expect(carried).toBeGreaterThan(8);
  expect(refused).toBeGreaterThan(50);
});
