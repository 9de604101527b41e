import fc from "fast-check";
import { expect, test } from "vitest";
import { SitefleetError } from "../../../../errors/index.ts";
import { approvalText, findApproval, parseApproval, type Verifier } from "../../../../fleet/gates/approval.ts";
import type { People } from "../../../../fleet/gates/people.ts";
import { newRequest, requestText } from "../../../../fleet/gates/request.ts";
import { answerLine, answers, judgeReviews } from "../../../../fleet/gates/reviews.ts";
import { NAMESPACE } from "../../../../fleet/gates/signature.ts";
import type { Verdict } from "../../../../fleet/gates/types.ts";
import type { Approver } from "../../../../model/index.ts";
import type { Review } from "../../../../vendors/reviews.ts";
import { asking } from "./support.ts";

// Breaks when a review counts that must not, or when its refusal does not say why.

const NOW = new Date("2026-11-28T12:00:00Z");
const DIGEST = "ab".repeat(32);
const [HEAD, OTHER] = ["1".repeat(40), "2".repeat(40)];
const wanted = (asks = [asking()], now = NOW) => ({
  estate: "sandbox",
  operation: "up",
  digest: DIGEST,
  stacks: ["prod"],
  asks,
  now,
});
const request = newRequest({ ...wanted(), does: "60 created", worst: [], expiryHours: 72 });
const asked = { request, text: requestText(request), place: "acme/estate" };
const LINE = answerLine(request);

const person = (name: string, githubId: number, more: Partial<Approver> = {}): Approver => ({
  name,
  emails: [`${name}@example.org`],
  keys: [`ssh-ed25519 ${name}`],
  githubId,
  areas: ["general"],
  ...more,
});
const MARIA = person("maria", 7);
const ANNA = person("anna", 8);
const people = (more: Partial<People> = {}): People => ({ base: [MARIA, ANNA], authors: [], ...more });
const by = (id: number, more = {}) => ({ id, login: `user${id}`, person: true, ...more });
let count = 0;
const review = (more: Partial<Review> = {}): Review => ({
  form: "change",
  place: "pull request 12",
  key: `r${count++}`,
  by: by(7),
  state: "approved",
  text: LINE,
  commit: HEAD,
  wanted: HEAD,
  at: new Date("2026-11-28T12:05:00Z"),
  edited: false,
  ...more,
});
const run = (more: Partial<Review> = {}) =>
  review({ form: "run", place: "environment production of run 99", at: undefined, attempt: 1, guarded: true, ...more });

const verifier: Verifier = {
  read: (key) => ({ key, namespace: NAMESPACE }),
  verify: async () => true,
};
interface Given {
  readonly who?: People;
  readonly authors?: readonly number[];
  readonly asks?: Verdict[];
  readonly used?: string;
  readonly keys?: readonly string[];
  readonly now?: Date;
  /** Text of the request in the signed file. */
  readonly file?: string;
}
async function outcome(reviews: readonly Review[], given: Given = {}) {
  const { who = people(), authors = [], asks, used, keys = [], now, file = asked.text } = given;
  const said = judgeReviews({ reviews, authors, notes: [] }, asked, who, NOW, () => used);
  const signed = keys.length === 0 ? [] : [parseApproval(approvalText(file, keys), "approvals/x.yaml")];
  try {
    const found = await findApproval(signed, wanted(asks, now), who, verifier, async () => undefined, said);
    return found?.approvers ?? "none";
  } catch (error) {
    if (error instanceof SitefleetError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

test("a review of a pull request, and one of an environment, each counts", async () => {
  expect(await outcome([review()])).toEqual(["maria"]);
  expect(await outcome([run()])).toEqual(["maria"]);
  // A phone's keyboard, and words below.
  expect(await outcome([review({ text: `${LINE.replace("a", "A")}\r\n\r\nlooks good` })])).toEqual(["maria"]);
});

test("the refusals, each with its code and sentence", async () => {
  const rows: [string, Promise<string | readonly string[]>][] = [
    ["bot", outcome([review({ by: by(7, { person: false, login: "merge[bot]" }) })])],
    ["account that is gone", outcome([review({ by: undefined })])],
    ["dismissed", outcome([review({ state: "dismissed" })])],
    ["changes requested", outcome([review({ state: "refused" })])],
    ["changes requested afterwards", outcome([review(), review({ state: "refused", text: "wait" })])],
    ["a later yes to nothing", outcome([review(), review({ text: "LGTM" })])],
    ["rejected and approved in one run", outcome([run({ state: "refused" }), run()])],
    ["another commit", outcome([review({ commit: OTHER })])],
    ["no commit", outcome([review({ commit: "", wanted: "" })])],
    ["run of another commit", outcome([run({ commit: OTHER })])],
    ["second attempt", outcome([run({ attempt: 2 })])],
    ["environment without reviewers", outcome([run({ guarded: false })])],
    ["digest cut", outcome([review({ text: `approve ${DIGEST.slice(0, 12)} ${request.id}` })])],
    ["digest without the request", outcome([review({ text: `approve ${DIGEST}` })])],
    ["older", outcome([review({ at: new Date("2026-11-28T11:59:59Z") })])],
    ["edited", outcome([review({ edited: true })])],
    ["used", outcome([review()], { used: "r1" })],
    ["stranger", outcome([review({ by: by(9) })])],
    ["added by the change", outcome([review({ by: by(9) })], { who: people({ later: [[person("mallory", 9)]] }) })],
    ["taken away since", outcome([review()], { who: people({ later: [[ANNA]] }) })],
    ["leaver", outcome([review()], { who: people({ base: [person("maria", 7, { until: "2026-11-27" })] }) })],
    ["author by account", outcome([review()], { authors: [7] })],
    ["author by address", outcome([review()], { who: people({ authors: ["maria@example.org"] }) })],
    ["area", outcome([review()], { asks: [asking({ rule: "new-zone-dns", area: "dns" })] })],
    ["too few", outcome([review()], { asks: [asking({ approvals: 2 })] })],
    ["expired", outcome([review()], { now: new Date("2026-12-01T12:00:00Z") })],
    ["words of others", outcome([review({ by: by(9), text: "LGTM" })])],
    ["time not told", outcome([review({ at: undefined })])],
    ["whether it was edited not told", outcome([review({ edited: undefined })])],
    ["forged name", outcome([review({ by: { id: 9, login: "x\u001b[2J\nok", person: true } })])],
    ["a remark", outcome([review({ state: "remark" })])],
  ];
  const told: Record<string, unknown> = {};
  for (const [name, answer] of rows) told[name] = await answer;
  expect(told).toMatchInlineSnapshot(`
    {
      "a later yes to nothing": "approval.review-text: the review of user7: its first line is not "approve DIGEST ID" of this request",
      "a remark": "none",
      "account that is gone": "approval.unknown-key: the review of a deleted account: the account is no approver's on the base branch",
      "added by the change": "approval.new-key: the review of user9: the account is an approver's only by the change itself, not on the base branch",
      "another commit": "approval.review-commit: the review of user7: it is of commit 222222222222, not of 111111111111",
      "area": "approval.area: maria may not approve dns (rule new-zone-dns)",
      "author by account": "approval.author: the review of user7: maria is an author of the change; the own yes does not count",
      "author by address": "approval.author: the review of user7: maria is an author of the change; the own yes does not count",
      "bot": "approval.review-bot: the review of merge[bot]: a bot or an app said it, not a person",
      "changes requested": "approval.review-refused: the review of user7: it says no, and the newest counts",
      "changes requested afterwards": "approval.review-refused: the review of user7: it says no, and the newest counts",
      "digest cut": "approval.review-text: the review of user7: its first line is not "approve DIGEST ID" of this request",
      "digest without the request": "approval.review-text: the review of user7: its first line is not "approve DIGEST ID" of this request",
      "dismissed": "approval.review-dismissed: the review of user7: it was dismissed",
      "edited": "approval.review-edited: the review of user7: its text was changed afterwards; review once more",
      "environment without reviewers": "approval.review-unguarded: the review of user7: the environment requires no reviewers, so it is no gate",
      "expired": "approval.expired: it held until 2026-12-01T12:00:00.000Z",
      "forged name": "approval.unknown-key: the review of x [2J ok: the account is no approver's on the base branch",
      "leaver": "approval.unknown-key: the review of user7: maria may approve until 2026-11-27",
      "no commit": "approval.review-commit: the review of user7: it is of commit none, not of",
      "older": "approval.review-older: the review of user7: it is older than the request of 2026-11-28T12:00:00.000Z",
      "rejected and approved in one run": "approval.review-refused: the review of user7: it says no, and the newest counts",
      "run of another commit": "approval.review-commit: the review of user7: it is of commit 222222222222, not of 111111111111",
      "second attempt": "approval.review-attempt: the review of user7: it is of attempt 2 of the run, and only the first counts",
      "stranger": "approval.unknown-key: the review of user9: the account is no approver's on the base branch",
      "taken away since": "approval.unknown-key: the review of user7: the account is no approver's on the base branch",
      "time not told": "approval.review-older: the review of user7: it is older than the request of 2026-11-28T12:00:00.000Z",
      "too few": "approval.count: rule many-sites needs 2 approvals of area general, and has 1",
      "used": "approval.used: the review of user7: it was used by run r1; one yes is for one run",
      "whether it was edited not told": "approval.review-edited: the review of user7: its text was changed afterwards; review once more",
      "words of others": "none",
    }
  `);
});

test("a digest that only stands somewhere in the text says nothing", () => {
  const zero = "\u200b";
  const texts = [
    `> ${LINE}`,
    `> ${LINE}\n\nno!`,
    `<!-- ${LINE} -->`,
    `<!--\n${LINE}\n-->`,
    `\n${LINE}`,
    `\`\`\`\n${LINE}\n\`\`\``,
    `<details>\n${LINE}</details>`,
    ` ${LINE}`,
    `${LINE} not`,
    `not ${LINE}`,
    `https://example.org/${LINE}`,
    `[${LINE}](https://example.org)`,
    `approve ${DIGEST.slice(0, 32)}${zero}${DIGEST.slice(32)} ${request.id}`,
    `${zero}${LINE}`,
    `approve ${DIGEST.toUpperCase()} ${request.id}`,
    `approve  ${DIGEST} ${request.id}`,
    `approve ${DIGEST} ${"0".repeat(32)}`,
    `аpprove ${DIGEST} ${request.id}`,
    `${LINE}\u2028not`,
    "",
  ];
  expect(texts.filter((text) => answers(text, request))).toEqual([]);
});

test("reviews and signatures count together, each person once, and only for the request to the letter", async () => {
  const two = [asking({ approvals: 2 })];
  const maria = { asks: two, keys: ["ssh-ed25519 maria"] };
  expect(await outcome([review({ by: by(8) })], maria)).toEqual(["maria", "anna"]);
  expect(await outcome([review()], maria)).toContain("approval.count");
  expect(await outcome([review(), review({ by: by(8) })], { asks: two })).toEqual(["maria", "anna"]);
  // A file may give the request another end: what the reviews answer is the one that is kept.
  const file = asked.text.replace(request.expires, "2030-01-01T00:00:00.000Z");
  const late = { keys: ["ssh-ed25519 stranger"], file, now: new Date("2027-01-01T00:00:00Z") };
  expect(await outcome([review()], late)).toContain("approval.");
});

test("whatever the reviews are, what counts is a fit one of an approver who has not written the change", () => {
  const any = fc.record({
    form: fc.constantFrom<Review["form"][]>("change", "run"),
    place: fc.constantFrom("pull request 1", "environment e of run 2"),
    by: fc.option(fc.record({ id: fc.integer({ min: 6, max: 9 }), login: fc.string(), person: fc.boolean() }), {
      nil: undefined,
    }),
    state: fc.constantFrom<Review["state"][]>("approved", "approved", "refused", "dismissed", "remark"),
    text: fc.constantFrom(LINE, LINE, `> ${LINE}`, DIGEST, ""),
    commit: fc.constantFrom(HEAD, HEAD, OTHER),
    edited: fc.constantFrom(false, false, true, undefined),
    attempt: fc.constantFrom(1, 1, 2),
    guarded: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 8 }), fc.subarray([7, 8]), (some, authors) => {
      const reviews = some.map((one, index) => review({ ...one, key: `k${index}` }));
      const { yes } = judgeReviews({ reviews, authors, notes: [] }, asked, people(), NOW);
      for (const { approver, key } of yes) {
        const { form, by, state, text, commit, edited, attempt, guarded } = reviews.find(
          (one) => one.key === key,
        ) as Review;
        expect([by?.id, by?.person, state, text, commit]).toEqual([approver.githubId, true, "approved", LINE, HEAD]);
        expect([form === "change" && edited !== false, attempt, guarded, authors.includes(by?.id ?? 0)]).toEqual([
          false,
          1,
          true,
          false,
        ]);
      }
    }),
    { numRuns: 300 },
  );
});
