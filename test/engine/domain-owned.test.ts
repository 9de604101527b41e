import { afterAll, beforeAll, expect, it } from "vitest";
import { Estate } from "../support/estate.ts";

// What breaks when this fails: a domain that another Vercel account holds is called fine while visitors get a 404, or every
// run waits for it until a deadline and says nothing of the record that would end it.

const estate = new Estate([
  { name: "mine", tags: "canary" },
  { name: "ours", tags: "canary", project: "shared" },
]);
const STACKS = ["--stack", "prod", "--stack", "prod-cell-canary"];

beforeAll(() => estate.start());
afterAll(() => estate.remove());

it("a domain that another account holds is told with its TXT record, and is taken over once that is declared", async () => {
  const domains = { ownedElsewhere: ["qmoney.de"] };
  await estate.control("/vercel", { method: "PUT", body: JSON.stringify({ domains }) });
  const first = await estate.sitefleet("up", "--yes", "--no-check", ...STACKS);
  const said = first.stdout + first.stderr;
  expect(first.code, said).not.toBe(0);
  expect(said).not.toContain("promotion");
  const values = ["mine", "ours"].map((name) => {
    const [value] = new RegExp(`vc-domain-verify=${name}\\.qmoney\\.de,[0-9a-f]+`).exec(said) ?? [];
    expect(value, said).toBeDefined();
    return value as string;
  });
  const preview = await estate.sitefleet("preview", ...STACKS);
  expect(preview.stdout + preview.stderr).toContain("_vercel.qmoney.de");

  const rows = values.map((value) => `      - { name: _vercel, type: TXT, content: "${value}" }\n`).join("");
  estate.edit("zones.yaml", (text) => text.replace("- name: qmoney.de\n", `- name: qmoney.de\n    records:\n${rows}`));
  const second = await estate.sitefleet("up", "--yes", "--no-check", ...STACKS);
  expect(second.code, second.stdout + second.stderr).toBe(0);
  const last = await estate.sitefleet("preview", ...STACKS, "--detailed-exitcode");
  expect(last.code, last.stdout + last.stderr).toBe(0);
});
