import fc from "fast-check";
import { expect, test } from "vitest";
import { hasCode } from "../../../../errors/index.ts";
import { changeSetDigest } from "../../../../fleet/change-set/digest.ts";
import { approvalText, findApproval, parseApproval, type Verifier } from "../../../../fleet/gates/approval.ts";
import { judgeGates } from "../../../../fleet/gates/judge.ts";
import { type ApprovalRequest, newRequest, requestText } from "../../../../fleet/gates/request.ts";
import { answerLine, judgeReviews } from "../../../../fleet/gates/reviews.ts";
import { NAMESPACE } from "../../../../fleet/gates/signature.ts";
import type { Approver } from "../../../../model/index.ts";
import type { Review } from "../../../../vendors/reviews.ts";
import { facts, rulesOf, SATURDAY, sites } from "./support.ts";

// Breaks when some order of edits, yeses and runs carries out what asks for an approval without a valid one for its digest.
// The gate, the check of approvals and reviews and the digest are the product's; signatures are a pair of key and text, the store a set.

const KEYS = { maria: "ssh-ed25519 AAAA", anna: "ssh-ed25519 BBBB", stranger: "ssh-ed25519 CCCC" };
type Name = keyof typeof KEYS;
const IDS = { maria: 7, anna: 8, stranger: 9 };
const person = (name: Name): Approver => ({
  name,
  emails: [`${name}@x.at`],
  keys: [KEYS[name]],
  githubId: IDS[name],
  areas: ["general"],
});
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
/** The first of these, in five of six: what has many parts that must all be right would hardly ever be. */
const mostly = <Value>(usual: Value, ...others: Value[]) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
/** A review at GitHub, of what is declared now or of the edit before it. */
const review = fc.record({
  do: fc.constant("review" as const),
  by: fc.constantFrom<Name[]>("maria", "anna", "stranger"),
  person: mostly(true, false),
  state: mostly("approved", "refused", "dismissed", "remark"),
  says: mostly("it", "a quote", "another digest", "nothing"),
  stale: mostly(false, true),
  edited: mostly(false, true),
});
const run = fc.record({ do: fc.constant("run" as const), later: fc.constantFrom(0, 1, 2, 100) });

const step = fc.oneof(edit, yes, review, run);
/** Any order, and in two of three the usual one with anything after it: left to chance alone hardly a yes would count. */
const sequence = fc.oneof(
  { weight: 1, arbitrary: fc.array(step, { minLength: 1, maxLength: 6 }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(edit, fc.oneof(yes, review), run, fc.array(step, { maxLength: 3 }))
      .map(([a, b, c, more]) => [a, b, c, ...more]),
  },
);

test("no sequence of edits, approvals and runs carries out what asks for an approval without one", async () => {
  let carried = 0;
  let refused = 0;
  let byReview = 0;
  await fc.assert(
    fc.asyncProperty(sequence, async (steps) => {
      let declared = { sites: 0, author: "stranger" as Name, adds: false, edits: 0 };
      let live = 0;
      const approvals: { text: string; by: Name; good: boolean; digest: string; author: Name }[] = [];
      const reviews: (Review & { good: boolean; digest: string; id: string; author: Name; name: Name })[] = [];
      const kept = new Map<string, ApprovalRequest>();
      const used = new Set<string>();
      const isUsed = (id: string) => [...used].some((text) => text.includes(id));
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
        } else if (step.do === "review") {
          const digest = digestOf();
          const before = kept.get(digest);
          const of = { estate: "sandbox", operation: "up", digest, stacks: ["prod-cell-07"], does: "x", worst: [] };
          const request =
            before && !isUsed(before.id) ? before : newRequest({ ...of, asks, now: SATURDAY, expiryHours: 72 });
          kept.set(digest, request);
          const { by: name, person, state, says, stale, edited } = step;
          const line = answerLine(request);
          const texts = {
            it: line,
            "a quote": `> ${line}`,
            "another digest": answerLine({ ...request, digest: "0" }),
            nothing: "",
          };
          reviews.push({
            ...{
              form: "change",
              place: `pull request ${reviews.length}`,
              key: `r${reviews.length}`,
              wanted: "",
              at: SATURDAY,
            },
            by: { id: IDS[name], login: name, person },
            state: state as Review["state"],
            text: texts[says as keyof typeof texts],
            commit: String(declared.edits - Number(stale)),
            edited,
            good: person && state === "approved" && says === "it" && !stale && !edited && name !== "stranger",
            digest,
            id: request.id,
            author: declared.author,
            name,
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
          const signed = approvals.some(
            (one) =>
              one.good && one.digest === digest && one.by !== declared.author && step.later < 72 && !used.has(one.text),
          );
          const said = reviews.some(
            (one) =>
              one.good &&
              one.digest === digest &&
              one.id === kept.get(digest)?.id &&
              one.commit === String(declared.edits) &&
              one.name !== declared.author &&
              step.later < 72 &&
              !isUsed(one.id),
          );
          const valid = signed || said;
          let goes = asks.length === 0;
          if (!goes) {
            try {
              const all = approvals.map(({ text }, index) => parseApproval(text, `approvals/${index}.yaml`));
              const wanted = { estate: "sandbox", operation: "up", digest, stacks: ["prod-cell-07"], asks, now };
              const spent = async (id: string) => (isUsed(id) ? "before" : undefined);
              const request = kept.get(digest);
              const read = reviews.map((one) => ({ ...one, wanted: String(declared.edits) }));
              const accounts = { reviews: read, authors: [IDS[declared.author]], notes: [] };
              const answers =
                request &&
                judgeReviews(accounts, { request, text: requestText(request), place: "acme/estate" }, people, now);
              const found = await findApproval(all, wanted, people, verifier, spent, answers);
              goes = found !== undefined;
              if (found) used.add(approvals[all.indexOf(found.approval)]?.text ?? found.approval.text);
              byReview += found && found.reviews.length > 0 ? 1 : 0;
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
  expect(byReview).toBeGreaterThan(3);
  expect(refused).toBeGreaterThan(50);
});
