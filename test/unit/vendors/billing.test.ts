import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { vercel } from "../../../vendors/vercel/index.ts";

// Breaks when the end of a billing cycle is taken for a limit that was passed, or a message that another has written is believed.

const { billing } = vercel;
const SECRET = "s3cret";
const signed = (body: string) => createHmac("sha1", SECRET).update(body).digest("hex");
const read = (message: unknown, signature?: string) => {
  const body = JSON.stringify(message);
  return billing?.readMessage(body, signature ?? signed(body), SECRET);
};

describe("messages about spending", () => {
  it("tells a threshold from the end of a cycle", () => {
    const threshold = { budgetAmount: 100, currentSpend: 75, teamId: "team_1", thresholdPercent: 75 };
    expect(read(threshold)).toEqual({ kind: "threshold", team: "team_1", percent: 75, budget: 100, spent: 75 });
    // Older budgets report at 100 percent and do not say so.
    expect(read({ budgetAmount: 100, currentSpend: 101, teamId: "team_1" })).toMatchObject({ percent: 100 });
    expect(read({ teamId: "team_1", type: "endOfBillingCycle" })).toEqual({ kind: "cycle-end", team: "team_1" });
  });

  it.each([
    ["a signature of another body", { teamId: "t", type: "endOfBillingCycle" }, signed("{}")],
    ["no signature", { teamId: "t", type: "endOfBillingCycle" }, ""],
    ["a signature that is no hex", { teamId: "t", type: "endOfBillingCycle" }, "zz"],
    ["an unknown type", { teamId: "t", type: "other", budgetAmount: 1, currentSpend: 1 }, undefined],
    ["no team", { budgetAmount: 1, currentSpend: 1 }, undefined],
    ["null", null, undefined],
  ])("refuses %s", (_, message, signature) => {
    expect(() => read(message, signature)).toThrow(expect.objectContaining({ code: "cost.webhook" }));
  });

  it("refuses everything without a secret", () => {
    const body = "{}";
    const empty = createHmac("sha1", "").update(body).digest("hex");
    expect(() => billing?.readMessage(body, empty, "")).toThrow(expect.objectContaining({ code: "cost.webhook" }));
  });
});

describe("charges", () => {
  const ask = async (answers: { status: number; body?: string; headers?: Record<string, string> }[]) => {
    const urls: string[] = [];
    const server = createServer((request, response) => {
      urls.push(request.url ?? "");
      const { status, body, headers } = answers[Math.min(urls.length, answers.length) - 1] ?? { status: 500 };
      response.writeHead(status, headers).end(body);
    });
    await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
    onTestFinished(() => void server.close());
    const env = {
      VERCEL_API_TOKEN: "token",
      VERCEL_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
    let text = "";
    for await (const chunk of billing?.charges(
      { from: "2026-11-01T00:00:00.000Z", to: "2026-11-02T00:00:00.000Z" },
      env,
      "acme",
    ) ?? [])
      text += Buffer.from(chunk).toString("utf8");
    return { text, urls };
  };

  it("asks again after a bad moment, for the team", async () => {
    const { text, urls } = await ask([
      { status: 429, headers: { "retry-after": "0" } },
      { status: 200, body: "{}\n{}\n" },
    ]);
    expect(text).toBe("{}\n{}\n");
    expect(urls).toHaveLength(2);
    expect(urls[0]).toBe(
      "/v1/billing/charges?from=2026-11-01T00%3A00%3A00.000Z&to=2026-11-02T00%3A00%3A00.000Z&slug=acme",
    );
  });

  it("says at once what a refused token needs", async () => {
    await expect(ask([{ status: 403 }])).rejects.toMatchObject({
      code: "cost.charges",
      hint: expect.stringContaining("role"),
    });
  });
});
