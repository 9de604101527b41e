import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { keepCheck } from "../../../provider/check/keep.ts";
import { releaseCheck } from "../../../provider/check/release-check.ts";
import { goalOf } from "../../../provider/release/inputs.ts";

// Breaks when a bad release is let through to visitors, or a good one is held back.

const SHA = "1".repeat(40);
const OTHER = "2".repeat(40);
let server: Server | undefined;
afterEach(() => {
  delete process.env.SITEFLEET_RESOLVE;
  server?.closeAllConnections();
  server?.close();
});

/** Checks a deployment that answers like this, with a release's inputs. */
async function check(
  answer: RequestListener,
  inputs: Record<string, unknown> = {},
  subject: { ref?: string; usual?: number[] } = {},
) {
  server?.close();
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  process.env.SITEFLEET_RESOLVE = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { check: settings } = goalOf({ check: { tries: 1, timeoutSeconds: 5, ...inputs } });
  if (settings === undefined) throw new Error("a check was declared");
  return releaseCheck(
    { host: "quiz-abc.vercel.test", deploymentId: "dpl_1", ref: SHA, bypass: async () => undefined, ...subject },
    settings,
    { deadline: Date.now() + 10_000, signal: new AbortController().signal },
  );
}

const page =
  (status: number, body = "", headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);

describe("a deployment", () => {
  it.each<[string, RequestListener, Record<string, unknown>, string]>([
    ["200", page(200), {}, "pass"],
    ["308", page(308), {}, "pass"],
    ["404", page(404), {}, "fail"],
    ["500", page(500), {}, "fail"],
    ["404 where that is wanted", page(404), { statuses: [404] }, "pass"],
    ["200 where 204 is wanted", page(200), { statuses: [204] }, "fail"],
    ["its commit", page(200, `<p>${SHA}</p>`), { marker: "<p>{ref}" }, "pass"],
    ["another page", page(200, "other"), { marker: "{ref}" }, "fail"],
    ["its commit in a header", page(200, "", { "x-commit": SHA }), { release: { header: "x-commit" } }, "pass"],
    ["its id in a header", page(200, "", { "x-id": "dpl_1" }), { release: { header: "x-id" } }, "pass"],
    ["another commit in a header", page(200, "", { "x-commit": OTHER }), { release: { header: "x-commit" } }, "fail"],
    [
      "another commit in the page",
      page(200, `<meta name="release" content="${OTHER}">`),
      { release: { meta: "release" } },
      "fail",
    ],
    ["no commit", page(200), { release: { header: "x-commit" } }, "pass"],
    ["no commit where it must", page(200), { release: { header: "x-commit", required: true } }, "fail"],
    ["a login", page(401), {}, "inconclusive"],
    ["401 where that is wanted", page(401), { statuses: [401] }, "pass"],
    ["a redirect to the login", page(302, "", { location: "https://vercel.com/sso-api?url=x" }), {}, "inconclusive"],
    ["nothing", (request) => request.socket.destroy(), {}, "fail"],
  ])("that answers %s", async (_, answer, inputs, verdict) => {
    expect((await check(answer, inputs)).verdict).toBe(verdict);
  });

  it("of uploaded files has no commit that its answers could name", async () => {
    const release = { header: "x-commit", required: true };
    expect((await check(page(200), { release }, { ref: "" })).verdict).toBe("pass");
  });

  it("is tried again: only what fails every time fails", async () => {
    let asked = 0;
    const moody: RequestListener = (request, response) => page(++asked < 3 ? 500 : 200)(request, response);
    const { verdict, evidence } = await check(moody, { tries: 3 });
    expect([verdict, evidence.tries]).toEqual(["pass", 3]);
  });
});

describe("a slow deployment", () => {
  const late: RequestListener = async (request, response) => {
    await sleep(300);
    page(200)(request, response);
  };
  const usual = [10, 12, 11, 10, 11];

  it("passes with a warning, and fails where that is wanted", async () => {
    const warned = await check(late, {}, { usual });
    expect(warned).toMatchObject({ verdict: "pass", warning: expect.stringMatching(/usually 11 ms/) });
    expect((await check(late, { slow: { fails: true } }, { usual })).verdict).toBe("fail");
  });

  it("is not known for one before enough earlier ones were checked, nor when only its first answer was late", async () => {
    expect(await check(late, { slow: { fails: true } }, { usual: [10] })).not.toHaveProperty("warning");
    let asked = 0;
    const once: RequestListener = (request, response) => (++asked === 1 ? late : page(200))(request, response);
    expect((await check(once, { slow: { fails: true } }, { usual })).verdict).toBe("pass");
  });
});

describe("what was seen of a deployment that is not promoted", () => {
  it("is kept whole where there is a folder for it, without what looks like a secret", async () => {
    const dir = mkdtempSync(join(tmpdir(), "check-"));
    try {
      const found = await check(page(500, "token=abcdef123456 broken"), { tries: 2 });
      const file = keepCheck("dpl_1", found, dir);
      expect(readdirSync(dir)).toEqual([expect.stringMatching(/^check-\d{8}T\d{6}Z-dpl_1\.json$/)]);
      const text = readFileSync(file as string, "utf8");
      expect(JSON.parse(text)).toMatchObject({
        verdict: "fail",
        vantages: [{ tries: 2, evidence: [{ status: 500 }, {}] }],
      });
      expect(text).toContain("broken");
      expect(text).not.toContain("abcdef123456");
      expect(keepCheck("dpl_1", found, undefined)).toBeUndefined();
      expect(keepCheck("dpl_1", found, join(file as string, "below a file"))).toBeUndefined();
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
