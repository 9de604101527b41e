import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { checkTargets } from "../../../../fleet/health/index.ts";
import { releaseCheck } from "../../../../provider/check/release-check.ts";
import { goalOf } from "../../../../provider/release/inputs.ts";
import { authority, deadPort, plainServer, secureServer, target } from "./world.ts";

let ca: Awaited<ReturnType<typeof authority>>;
beforeAll(async () => {
  ca = await authority();
});

/** Environment in which every host is found at a port, spoken to in clear. */
const clear = (port: number) => ({ env: { SITEFLEET_RESOLVE: `http://127.0.0.1:${port}` } });
const one = async (...given: Parameters<typeof checkTargets>) => (await checkTargets(...given))[0];

describe("tries", () => {
  // Breaks when one hiccup fails a host.
  test("one that passes is enough, and the earlier ones are kept", async () => {
    let asked = 0;
    const port = await plainServer((_request, response) => {
      asked += 1;
      response.writeHead(asked < 3 ? 500 : 200).end("ok");
    });
    const result = await one([target({ tries: 3 })], clear(port));
    expect(result?.verdict).toBe("pass");
    expect(result?.vantages[0]).toMatchObject({ tries: 3, vantage: "here" });
    expect(result?.vantages[0]?.evidence.map(({ status }) => status)).toEqual([200, 500, 500]);
  });

  test("a host that fails each time has failed each time", async () => {
    let asked = 0;
    const port = await plainServer((_request, response) => {
      asked += 1;
      response.writeHead(500).end();
    });
    const result = await one([target({ tries: 3 })], clear(port));
    expect([result?.verdict, asked, result?.reason]).toEqual(["fail", 3, "answers 500, not 200"]);
  });

  test("an answer that asks for a pause gets it; after the deadline nothing is tried", async () => {
    const at: number[] = [];
    const port = await plainServer((_request, response) => {
      at.push(Date.now());
      response.writeHead(at.length === 1 ? 503 : 200, at.length === 1 ? { "retry-after": "1" } : {}).end();
    });
    expect((await one([target({ tries: 2 })], clear(port)))?.verdict).toBe("pass");
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(1_000);
    at.length = 0;
    const late = await one([target({ tries: 2 })], { ...clear(port), deadline: Date.now() + 100 });
    expect([late?.verdict, at.length]).toEqual(["fail", 1]);
  });

  test("an abort ends everything at once", async () => {
    const port = await plainServer(() => {});
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 50);
    const started = Date.now();
    const many = Array.from({ length: 20 }, (_, index) => target({ tries: 5 }, { host: `h${index}.example.test` }));
    await expect(checkTargets(many, { ...clear(port), signal: abort.signal, concurrency: 3 })).rejects.toThrow();
    expect(Date.now() - started).toBeLessThan(3_000);
  });
});

describe("a site over TLS", () => {
  const host = "quiz.example.test";
  async function world(answer: { https?: number; plain?: [number, string?]; days?: number; body?: string }) {
    const secure = await secureServer(await ca.issue(host, { until: answer.days ?? 60 }), (_request, response) => {
      response.writeHead(answer.https ?? 200, { "x-commit": "abc", "set-cookie": "session=verysecret1" });
      response.end(answer.body ?? "<p>abc</p>");
    });
    const [status, location] = answer.plain ?? [308, `https://${host}/`];
    const plain = await plainServer((_request, response) => {
      response.writeHead(status, location ? { location } : {}).end();
    });
    const env = { SITEFLEET_RESOLVE: `443=127.0.0.1:${secure},80=127.0.0.1:${plain}`, SITEFLEET_CA_FILE: ca.caFile };
    const check = {
      https: true,
      marker: "{ref}",
      release: { header: "x-commit", meta: null, path: null, required: true },
    };
    return one([target(check, { expected: { ref: "abc" } })], { env });
  }
  const about = (result: Awaited<ReturnType<typeof world>>) =>
    Object.fromEntries(result?.vantages[0]?.findings.map((finding) => [finding.about, finding.verdict]) ?? []);

  test("passes with everything, and keeps what it saw without cookies", async () => {
    const result = await world({});
    expect(about(result)).toEqual({
      status: "pass",
      marker: "pass",
      certificate: "pass",
      release: "pass",
      https: "pass",
      time: "note",
    });
    const [page] = result?.vantages[0]?.evidence ?? [];
    expect(page).toMatchObject({ status: 200, headers: { "x-commit": "abc" }, excerpt: "<p>abc</p>" });
    expect(JSON.stringify(result)).not.toContain("verysecret1");
  });

  test("fails for each part alone", async () => {
    expect(about(await world({ https: 503 })).status).toBe("fail");
    expect(about(await world({ body: "old" })).marker).toBe("fail");
    expect(about(await world({ plain: [200] })).https).toBe("fail");
    expect(about(await world({ days: 3 })).certificate).toBe("fail");
  });
});

test("a release that a file names", async () => {
  const port = await plainServer((request, response) =>
    request.url === "/release.txt" ? response.end("rel-2\n") : response.end("page"),
  );
  const check = { release: { header: null, meta: null, path: "/release.txt", required: true } };
  const asked = async (release: string) => one([target(check, { expected: { release } })], clear(port));
  expect((await asked("rel-2"))?.verdict).toBe("pass");
  expect(await asked("rel-3")).toMatchObject({ verdict: "fail", reason: "is release rel-2, not rel-3" });
});

describe("deployment protection", () => {
  const secret = "bypass-secret-0123456789";
  const server = () =>
    plainServer((request, response) => {
      const open = request.headers["x-vercel-protection-bypass"] === secret;
      response.writeHead(open ? 200 : 401).end(open ? `hello ${secret}` : "login");
    });
  const deployment = (bypass?: () => Promise<string | undefined>) =>
    target({ marker: "hello" }, { kind: "deployment", ...(bypass ? { bypass } : {}) });

  // Breaks when the secret is sent where nobody asks for it, or is kept with the evidence.
  test("is passed with the secret, which is asked for once and kept nowhere", async () => {
    let asked = 0;
    const bypass = async () => {
      asked += 1;
      return secret;
    };
    const result = await one([deployment(bypass)], clear(await server()));
    expect([result?.verdict, asked]).toEqual(["pass", 1]);
    expect(JSON.stringify(result)).not.toContain(secret);
  });

  test("without a secret says nothing about the deployment", async () => {
    const port = await server();
    expect((await one([deployment()], clear(port)))?.verdict).toBe("inconclusive");
    expect((await one([deployment(async () => undefined)], clear(port)))?.verdict).toBe("inconclusive");
  });

  test("the same for a resource of type Release", async () => {
    const port = await server();
    process.env.SITEFLEET_RESOLVE = `http://127.0.0.1:${port}`;
    try {
      const { check: settings } = goalOf({ check: { marker: "hello", tries: 2, timeoutSeconds: 4 } });
      if (settings === undefined) throw new Error("a check was declared");
      const options = { deadline: Date.now() + 10_000, signal: new AbortController().signal };
      const check = (bypass: string | undefined) =>
        releaseCheck(
          { host: "quiz-abc.vercel.test", deploymentId: "dpl_1", ref: "abc", bypass: async () => bypass },
          settings,
          options,
        );
      const good = await check(secret);
      expect(good).toMatchObject({ verdict: "pass", evidence: { status: 200, tries: 1 } });
      expect(JSON.stringify(good)).not.toContain(secret);
      expect((await check(undefined)).verdict).toBe("inconclusive");
    } finally {
      delete process.env.SITEFLEET_RESOLVE;
    }
  });
});

describe("vantages", () => {
  test("that disagree leave it open and say so; one that cannot see does not count", async () => {
    const good = await plainServer((_request, response) => response.end());
    const bad = await plainServer((_request, response) => response.writeHead(500).end());
    const dead = await deadPort();
    const at = (name: string, port: number) => ({ name, address: `http://127.0.0.1:${port}` });
    const from = async (...vantages: ReturnType<typeof at>[]) => one([target()], { vantages, env: {} });
    expect(await from(at("a", good), at("b", bad))).toMatchObject({
      verdict: "inconclusive",
      reason: "vantages disagree: a answers 200; b answers 500, not 200",
    });
    expect((await from(at("a", good), at("b", dead)))?.verdict).toBe("pass");
    expect((await from(at("a", bad), at("b", dead)))?.verdict).toBe("fail");
    expect((await from(at("b", dead)))?.verdict).toBe("inconclusive");
  });
});

describe("response times", () => {
  const slow = { percent: 30, floorMs: 20, samples: 20, least: 3, fails: true };
  const times = new Map([["here quiz.example.test", [10, 10, 10]]]);

  // Breaks when one slow answer among many questions fails a host, or a slow host passes.
  test("a slow answer is measured again: only one that stays slow fails", async () => {
    let asked = 0;
    const once = await plainServer(async (_request, response) => {
      asked += 1;
      if (asked === 1) await sleep(400);
      response.end();
    });
    const hiccup = await one([target({ slow: { ...slow, floorMs: 200 } })], { ...clear(once), times });
    expect([hiccup?.verdict, asked]).toEqual(["pass", 4]);
    const always = await plainServer(async (_request, response) => {
      await sleep(150);
      response.end();
    });
    const result = await one([target({ slow })], { ...clear(always), times });
    expect(result).toMatchObject({ verdict: "fail", reason: expect.stringContaining("more than 30 % slower") });
    expect(result?.vantages[0]?.baselineMs).toBe(10);
    const noted = await one([target({ slow: { ...slow, fails: false } })], { ...clear(always), times });
    expect(noted?.verdict).toBe("pass");
  });

  test("with too few known times nothing is compared", async () => {
    const port = await plainServer((_request, response) => response.end());
    const result = await one([target({ slow: { ...slow, least: 4 } })], { ...clear(port), times });
    expect(result?.vantages[0]?.findings.find(({ about }) => about === "time")?.verdict).toBe("note");
  });
});

test("a host that alone cannot be reached is down, one of none is not", async () => {
  const alive = await plainServer((_request, response) => response.end());
  const dead = await deadPort();
  const at = (id: string, port: number) => target({}, { id, host: "127.0.0.1", origin: `http://127.0.0.1:${port}` });
  const both = await checkTargets([at("alive", alive), at("dead", dead)], { env: {} });
  expect(both.map(({ verdict }) => verdict)).toEqual(["pass", "fail"]);
  expect((await one([at("dead", dead)], { env: {} }))?.verdict).toBe("inconclusive");
});

test("where everything is spoken in clear, http is not asked where it leads", async () => {
  const port = await plainServer((_request, response) => response.end());
  const result = await one([target({ https: true })], clear(port));
  expect(result?.verdict).toBe("pass");
  expect(result?.vantages[0]?.findings.map(({ about }) => about)).toEqual(["status", "certificate", "time"]);
});

test("never more than so many at once, each host once, results in the order of the targets", async () => {
  let [now, most] = [0, 0];
  const hosts: string[] = [];
  const port = await plainServer(async (request, response) => {
    hosts.push(request.headers.host ?? "");
    most = Math.max(most, ++now);
    await sleep(20);
    now--;
    response.end();
  });
  const targets = Array.from({ length: 40 }, (_, index) => target({}, { host: `h${index}.example.test` }));
  const told: string[] = [];
  const results = await checkTargets(targets, { ...clear(port), concurrency: 5, onResult: ({ id }) => told.push(id) });
  expect(results.map(({ id }) => id)).toEqual(targets.map(({ id }) => id));
  expect([...hosts].sort()).toEqual(targets.map(({ host }) => host).sort());
  expect([...told].sort()).toEqual([...hosts].sort());
  expect(most).toBeLessThanOrEqual(5);
  expect(most).toBeGreaterThan(1);
});
