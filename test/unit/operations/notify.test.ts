// What breaks when these fail: people are not told, are told what a site has made up, or a run fails or waits because of who is told.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { SitefleetError } from "../../../errors/index.ts";
import { plainLine } from "../../../errors/plain.ts";
import { directoryStore } from "../../../fleet/backend/store/directory-store.ts";
import { listStreams, readStream } from "../../../fleet/events/stream.ts";
import { readIncidents } from "../../../fleet/incidents/index.ts";
import { readKept } from "../../../fleet/notify/kept.ts";
import { discordBody, escapeDiscord } from "../../../fleet/notify/receivers/discord.ts";
import { slackBody } from "../../../fleet/notify/receivers/slack.ts";
import { incidentAck } from "../../../operations/incident-ack.ts";
import { incidentList } from "../../../operations/incident-list.ts";
import { incidentReport } from "../../../operations/incident-report.ts";
import { type FleetEvent, fleetEvent } from "../../../operations/kit/events.ts";
import { defineOperation, perform, type Tools } from "../../../operations/kit/operation.ts";
import { withoutSecretsOf } from "../../../operations/kit/secrets.ts";
import { notifyFlush } from "../../../operations/notify-flush.ts";
import { notifyStatus } from "../../../operations/notify-status.ts";
import { notifyTest } from "../../../operations/notify-test.ts";
import { createChat } from "../../../sandbox/chat/index.ts";
import { serveMail } from "../../../sandbox/chat/mail.ts";
import { createContext, createFaultController, type Served, serve } from "../../../sandbox/core/index.ts";
import { createGithub } from "../../../sandbox/github/index.ts";
import { tempDir } from "../plesk/support/temp.ts";

const faults = createFaultController();
const context = createContext({ options: { github: { repositories: ["acme/estate"] } } });
const chat = createChat(context);
const github = createGithub(context);
const open: Pick<Served, "close">[] = [];
let base: Record<string, string> = {};
beforeAll(async () => {
  const [api, hub, mail] = [await serve(chat, { faults }), await serve(github), await serveMail(chat, 0, faults)];
  open.push(api, hub, mail);
  base = {
    SLACK_WEBHOOK_URL: `${api.url}/services/T00000000/B00000000/sandbox`,
    SLACK_API_URL: `${api.url}/api`,
    SLACK_BOT_TOKEN: "xoxb-sandbox",
    DISCORD_WEBHOOK_URL: `${api.url}/api/webhooks/1000000000000000000/sandbox`,
    NOTIFY_WEBHOOK_URL: `${api.url}/hooks/sitefleet`,
    NOTIFY_WEBHOOK_SECRET: "a-shared-key-of-the-hook",
    SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
    GITHUB_BASE_URL: `${hub.url}/`,
    GITHUB_TOKEN: `ghp_${"t".repeat(36)}`,
  };
});
afterAll(() => Promise.all(open.map((one) => one.close())));

const NOTIFY = `receivers:
  - { kind: slack, name: hook, webhook: SLACK_WEBHOOK_URL }
  - { kind: slack, name: bot, token: SLACK_BOT_TOKEN, channel: deployments, api: SLACK_API_URL }
  - { kind: discord, name: chat, webhook: DISCORD_WEBHOOK_URL }
  - { kind: mail, name: mail, server: SMTP_URL, from: sitefleet@acme.example, to: [ops@acme.example] }
  - { kind: webhook, name: n8n, url: NOTIFY_WEBHOOK_URL, secret: NOTIFY_WEBHOOK_SECRET }
  - { kind: issue, name: issues, repository: acme/estate }
`;

/** Connections of this process to the mail server. */
const openSockets = () =>
  (process as unknown as { _getActiveHandles(): { remotePort?: number; destroyed?: boolean }[] })
    ._getActiveHandles()
    .filter(({ remotePort, destroyed }) => remotePort === Number(new URL(base.SMTP_URL ?? "").port) && !destroyed)
    .length;

let dir: string;
const state = () => join(dir, "state");
const store = () => directoryStore(state());
beforeEach(() => {
  dir = tempDir("sitefleet-notify-");
  mkdirSync(join(dir, "catalog"));
  writeFileSync(join(dir, "catalog/notify.yaml"), NOTIFY);
  faults.clear();
  chat.restore({ messages: [], count: 0 });
});
const estate = (env: Record<string, string> = {}) => ({
  catalogDir: join(dir, "catalog"),
  configFile: join(dir, "Pulumi.prod.yaml"),
  env: { ...process.env, ...base, SITEFLEET_STATE_DIR: state(), SITEFLEET_TARGET: "prod", ...env },
});
const of = (service: string) => chat.messages().filter((message) => message.service === service);

/** An update that tells these events. */
const upOf = (events: readonly FleetEvent[], end: () => { ok: boolean } = () => ({ ok: true })) =>
  defineOperation({
    name: "up",
    summary: "",
    changes: true,
    input: z.object({}),
    events: fleetEvent,
    output: z.object({ ok: z.boolean(), run: z.string() }),
    async run(_input, { emit }: Tools<FleetEvent>) {
      for (const event of events) {
        emit(event);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      return end();
    },
    document: ({ ok }) => ({ ok, run: "20261129T120000Z-abcdef" }),
    exitCode: ({ ok }) => (ok ? 0 : 1),
  });
const counts = { created: 3, changed: 1, replaced: 0, deleted: 0, unchanged: 9 };
const stackEnded = (stack: string, errors: string[] = []): FleetEvent => ({
  event: "stack-ended",
  stack,
  ok: errors.length === 0,
  counts,
  milliseconds: 10,
  errors,
});
const begun: FleetEvent = { event: "begun", total: 2 };
const figures = {
  sites: 20,
  failed: 3,
  inconclusive: 0,
  failurePercent: 15,
  slowdownPercent: 0,
  slowdownMs: 0,
  compared: 0,
  examples: ["a.de"],
};
const judged = (verdict: "pass" | "fail", more: Partial<typeof figures> = {}): FleetEvent => ({
  event: "settling",
  what: { event: "run-judged", verdict, reason: "3 of 20 fail", figures: { ...figures, ...more } },
});

// The end of a run waits 0.3 s for receivers that it does not know, and no longer: on a machine that is busy otherwise that may not do at the first try.
describe("a run", { retry: 3 }, () => {
  it("is told at every kind of receiver, and its events are kept", async () => {
    await perform(
      upOf([begun, stackEnded("prod"), stackEnded("prod-cell-00"), { event: "done" }]),
      {},
      { estate: estate() },
    );
    expect(of("slack").map(({ channel, text, edited }) => [channel, text, edited !== null])).toEqual(
      expect.arrayContaining([
        ["general", "up on prod: done", false],
        ["deployments", "up on prod: done", true],
      ]),
    );
    const [discord, ...more] = of("discord");
    expect(more).toEqual([]);
    expect(discord?.text).toContain("2 stacks, 0 failed\\: 6 created, 2 changed");
    const [mail] = of("mail");
    expect(mail?.text).toMatch(/^Subject: up on prod: done$/m);
    expect(mail?.channel).toBe("ops@acme.example");
    const hooks = of("webhook").map(({ text }) => JSON.parse(text));
    expect(hooks.map(({ topic }) => topic)).toEqual(["started", "done"]);
    const [id = ""] = await listStreams(store());
    const kept = await readStream(store(), id);
    expect(kept.map(({ event }) => event)).toEqual(["started", "stack-ended", "stack-ended", "ended"]);
    expect(kept.at(-1)).toMatchObject({ ok: true, run: "20261129T120000Z-abcdef" });
  });

  // What a preview for the gates has looked at is not all that the run does: else the page says that it is at its end while it works.
  it("counts what begins after a preview for its gates", async () => {
    const known = new Set(await listStreams(store()));
    await perform(upOf([begun, stackEnded("prod"), begun, stackEnded("prod")]), {}, { estate: estate() });
    const id = (await listStreams(store())).find((one) => !known.has(one)) ?? "";
    const kept = await readStream(store(), id);
    expect(kept.filter(({ event }) => event === "started" || event === "more")).toMatchObject([
      { event: "started", total: 2 },
      { event: "more", stacks: 2 },
    ]);
  });

  it("signs what it sends to a program", async () => {
    await perform(upOf([begun, stackEnded("prod")]), {}, { estate: estate() });
    const [hook] = of("webhook");
    const headers = hook?.parts[0] as Record<string, string>;
    const time = headers["x-sitefleet-timestamp"];
    const expected = createHmac("sha256", "a-shared-key-of-the-hook").update(`${time}.${hook?.text}`).digest("hex");
    expect(headers["x-sitefleet-signature"]).toBe(`v1=${expected}`);
  });

  it("that fails is told with its reason, without a secret", async () => {
    const secret = "hunter2hunter2";
    const failing = upOf([begun], () => {
      throw new SitefleetError({
        code: "store.unreachable",
        message: `no answer to ${secret} and ghp_${"z".repeat(36)}`,
      });
    });
    const run = perform(failing, {}, { estate: estate({ MY_API_TOKEN: secret }) });
    await expect(run).rejects.toMatchObject({ code: "store.unreachable" });
    const all = JSON.stringify(chat.messages());
    expect(all).toContain("store.unreachable");
    expect(all).not.toContain(secret);
    expect(all).not.toContain("zzzz");
  });

  it.each([
    [3, "up on prod: something is left for the next run"],
    [4, "up on prod: done, and could not be judged"],
  ])("that ends with %i has not failed", async (code, title) => {
    const run = { ...upOf([begun, stackEnded("prod")]), exitCode: () => code };
    await perform(run, {}, { estate: estate() });
    expect(
      of("webhook")
        .map(({ text }) => JSON.parse(text))
        .at(-1),
    ).toMatchObject({ topic: "paused", title });
  });

  it("that is stopped is told as that", async () => {
    const stop = new AbortController();
    stop.abort();
    await perform(upOf([begun, stackEnded("prod")]), {}, { estate: estate(), signal: stop.signal });
    expect(of("slack").map(({ text }) => text)).toContain("up on prod: was stopped");
  });

  it("without notify.yaml, without work, or that never began: nothing is told", async () => {
    await perform(upOf([{ event: "begun", total: 0 }]), {}, { estate: estate() });
    const never = upOf([], () => {
      throw new SitefleetError({ code: "catalog.invalid", message: "wrong" });
    });
    await perform(never, {}, { estate: estate() }).catch(() => {});
    writeFileSync(join(dir, "catalog/notify.yaml"), "receivers: []\n");
    await perform(upOf([begun, stackEnded("prod")]), {}, { estate: estate() });
    expect(chat.messages()).toEqual([]);
  });

  it("goes on when nothing can be kept or told", async () => {
    writeFileSync(state(), "a file, where a folder should be");
    writeFileSync(join(dir, "catalog/notify.yaml"), "receivers: [ { kind: pager } ]\n");
    const { exitCode } = await perform(upOf([begun, stackEnded("prod")]), {}, { estate: estate() });
    expect(exitCode).toBe(0);
  });
});

it("a run that waits for an approval is told with what, and with one line that gives the request back to the letter", {
  retry: 3,
}, async () => {
  chat.restore({ messages: [], count: 0 });
  const request = "request: 1\nestate: prod\n  - 'sixty sites'\n";
  const decided = {
    event: "gates-decided",
    outcome: "waiting",
    verdicts: [{ severity: "approve", sentence: "60 sites at once; 50 may" }],
  };
  const line = `approve ${"ab".repeat(32)} ${"0".repeat(32)}`;
  const review = { repository: "acme/estate", text: line };
  const waiting = {
    event: "approval-waiting",
    operation: "up",
    digest: "ab".repeat(32),
    estate: "prod",
    request,
    review,
  };
  const run = upOf([decided, waiting] as never, () => {
    throw new SitefleetError({ code: "usage", message: "this waits for an approval; nothing was changed" });
  });
  await perform(run, {}, { estate: estate() }).catch(() => {});
  const told = of("webhook").map(({ text }) => JSON.parse(text));
  expect(told.map(({ topic }) => topic)).toEqual(["approval"]);
  const { lines, title } = told[0];
  expect(title).toBe("up on prod: waits for an approval");
  expect(lines.slice(0, 2)).toEqual(["60 sites at once; 50 may", "change set abababababab"]);
  const [, packed = ""] =
    /^to approve: echo (\S+) \| base64 -d \| gunzip \| sitefleet approve --request -$/.exec(lines[2]) ?? [];
  expect(gunzipSync(Buffer.from(packed, "base64")).toString()).toBe(request);
  expect(lines[3]).toBe(`or a review in acme/estate with the first line: ${line}`);
  expect(of("discord")[0]?.text).toContain("60 sites at once");
  expect(of("mail").length).toBeGreaterThan(0);
});

describe("receivers that do not take it", () => {
  const rule = (path: string, action: object) =>
    faults.set({ faults: [{ id: "f", vendor: "chat", path, action }] } as never);

  it.each([
    ["429", { type: "status", status: 429, retryAfter: 3600 }],
    ["500", { type: "status", status: 500 }],
  ])("%s: the message is kept, listed, and delivered later", async (_name, action) => {
    rule("/services/|/hooks/|/api/|/mail", action);
    await perform(upOf([begun, stackEnded("prod")]), {}, { estate: estate() });
    expect(chat.messages()).toEqual([]);
    const { document } = await perform(notifyStatus, {}, { estate: estate() });
    expect(document.receivers.map(({ name, waiting }) => [name, waiting])).toEqual([
      ["hook", 1],
      ["bot", 1],
      ["chat", 1],
      ["mail", 1],
      ["n8n", 2],
      ["issues", 0],
    ]);
    faults.clear();
    const flushed = await perform(notifyFlush, {}, { estate: estate() });
    expect(flushed.document).toMatchObject({ ok: true, left: [], refused: [] });
    expect(of("mail")).toHaveLength(1);
    expect((await readKept(store())).waiting).toEqual([]);
  });

  it("hangs: the run ends, and no connection keeps the process", async () => {
    rule("/services/|/hooks/|/api/|/mail", { type: "hang" });
    const from = performance.now();
    await perform(upOf([begun, stackEnded("prod")]), {}, { estate: estate() });
    expect(performance.now() - from).toBeLessThan(6000);
    const kept = await readKept(store());
    expect(new Set(kept.waiting.map(({ receiver }) => receiver)).size).toBe(5);
    for (let turn = 0; turn < 40 && openSockets() > 0; turn++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(openSockets()).toBe(0);
  });

  it("a run that is killed while they hang has lost nothing: the next command tells it at once", async () => {
    rule("/services/|/hooks/|/api/|/mail", { type: "hang" });
    const main = join(import.meta.dirname, "notify-main.ts");
    const env = { ...process.env, ...base };
    const killed = spawn(process.execPath, [main, state(), join(dir, "catalog")], { env, stdio: "inherit" });
    const waiting = async () => (await readKept(store())).waiting.length;
    for (let turn = 0; turn < 200 && (await waiting()) < 5; turn++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const gone = new Promise((resolve) => killed.once("close", resolve));
    killed.kill("SIGKILL");
    await gone;
    expect(chat.messages()).toEqual([]);
    faults.clear();
    const flushed = await perform(notifyFlush, {}, { estate: estate() });
    expect(flushed.document).toMatchObject({
      ok: true,
      left: [],
      delivered: { hook: 1, bot: 1, chat: 1, mail: 1, n8n: 1 },
    });
    expect(chat.messages()).toHaveLength(5);
  }, 30_000);

  it("notify test says which, without an address", async () => {
    rule("/services/", { type: "status", status: 403 });
    const { document, exitCode } = await perform(notifyTest, {}, { estate: estate({ SMTP_URL: "" }) });
    expect(exitCode).toBe(1);
    expect(document.receivers.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(["hook", "mail"]);
    expect(JSON.stringify(document)).not.toContain("127.0.0.1");
    expect(document.receivers[3]?.reason).toBe("SMTP_URL is not set");
    const unknown = perform(notifyTest, { to: ["pager"] }, { estate: estate() });
    await expect(unknown).rejects.toMatchObject({ code: "notify.unknown" });
  });
});

describe("what a site answers", () => {
  const evil =
    "<!channel> @everyone <https://evil.example|click> [x](https://evil.example) **bold**\r\nSubject: forged\r\n\r\n\u202eup on prod: done\u202c\u200b\u{e0041} `code` <@U123>";

  it("cannot forge a message at any receiver", async () => {
    await perform(
      upOf([begun, stackEnded("prod", [evil])], () => ({ ok: false })),
      {},
      { estate: estate() },
    );
    for (const { service, text, parts } of chat.messages()) {
      const all = service === "webhook" ? text : text + JSON.stringify(parts);
      expect(all, service).not.toMatch(/@everyone|https:\/\/evil|[\u200b\u202a-\u202e]/u);
      // Slack reads mentions in `text`; its blocks are plain text.
      if (service === "slack") expect(text).not.toContain("<!channel>");
    }
    const slack = of("slack")[0];
    expect(JSON.stringify(slack?.parts)).not.toContain("mrkdwn");
    expect(of("mail")[0]?.text.match(/^Subject:/gm)).toHaveLength(1);
    expect(
      of("discord")
        .map(({ text }) => text)
        .join(),
    ).toContain("\\<!channel\\>");
  });

  it("is one line without anything unseen, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), fc.string({ maxLength: 50 }), (odd, plain) => {
        const line = plainLine(`${plain}${odd}://${plain}\n@here`);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(line).not.toMatch(/[a-z]:\/\/|@here/i);
        expect([...line].length).toBeLessThanOrEqual(600);
      }),
    );
  });

  it("has no markup of a receiver left", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 4000 }), (text) => {
        const { content, allowed_mentions: mentions } = discordBody({
          title: plainLine(text),
          lines: [plainLine(text)],
        });
        expect(content.length).toBeLessThanOrEqual(2000);
        expect(mentions).toEqual({ parse: [] });
        expect(escapeDiscord(plainLine(text))).not.toMatch(/(?<!\\)(\\\\)*[<@*`[]/);
        const slack = slackBody({ title: text, lines: [text] });
        expect(slack.text).not.toMatch(/[<>]/);
        expect(slack.blocks.every(({ text }) => text.type === "plain_text")).toBe(true);
      }),
    );
  });
});

describe("incidents", () => {
  it("are raised once, kept up to date in one issue, acknowledged, and closed by themselves", async () => {
    const fails = upOf([begun, stackEnded("prod"), judged("fail")], () => ({ ok: false }));
    await perform(fails, {}, { estate: estate() });
    await perform(fails, {}, { estate: estate() });
    const { value } = await perform(incidentList, {}, { estate: estate() });
    expect(value).toMatchObject([{ rule: "failure-rate", scope: "release", state: "open" }]);
    expect(value[0]?.sentence).toBe("3 of 20 sites fail, 15 %; 5 % may: a.de");
    const id = value[0]?.id ?? "";
    await perform(incidentAck, { id, reason: "known" }, { estate: estate() });
    const passes = upOf([begun, stackEnded("prod"), judged("pass", { failed: 0, failurePercent: 0 })]);
    await perform(passes, {}, { estate: estate() });
    expect((await perform(incidentList, {}, { estate: estate() })).value).toEqual([]);
    const [closed] = await readIncidents(store());
    expect(closed?.timeline.map(({ what }) => what)).toEqual(["raised", "acknowledged", "closed"]);
    const answer = await github.fetch(
      new Request("http://x/repos/acme/estate/issues?state=all", {
        headers: { authorization: `Bearer ${base.GITHUB_TOKEN}` },
      }),
    );
    const issues = (await answer.json()) as { state: string; title: string; labels: { name: string }[] }[];
    expect(issues.filter(({ title }) => !title.includes("test message"))).toMatchObject([
      { state: "closed", title: "closed: failure-rate on release", labels: [{ name: "sitefleet-incident" }] },
    ]);
    await expect(perform(incidentAck, { id }, { estate: estate() })).rejects.toMatchObject({
      code: "incident.unknown",
    });
  });

  it("come from other programs as well: a cost, a finding", async () => {
    const report = (input: object) => perform(incidentReport, input as never, { estate: estate() });
    expect((await report({ rule: "cost-spike", scope: "vercel", euro: 10 })).value).toEqual([]);
    expect((await report({ rule: "cost-spike", scope: "vercel", euro: 10.01 })).value).toMatchObject([
      { change: "raised" },
    ]);
    await report({ rule: "security-finding", scope: "shop", text: "CVE\n<!channel>" });
    expect((await report({ rule: "security-finding", scope: "shop", gone: true })).value).toMatchObject([
      { change: "closed" },
    ]);
    await expect(report({ rule: "cost-spike", scope: "x" })).rejects.toMatchObject({ code: "usage" });
    await expect(report({ rule: "slowdown", scope: "x", euro: 3 })).rejects.toMatchObject({ code: "usage" });
    await expect(report({ rule: "slowdown", scope: "a b" })).rejects.toMatchObject({ code: "usage" });
  });

  it("drift that a preview finds is raised where notify.yaml is there, and nothing is written where it is not", async () => {
    const previewOf = (cause: string) =>
      defineOperation({
        name: "preview",
        summary: "",
        changes: false,
        input: z.object({ refresh: z.boolean() }),
        events: fleetEvent,
        output: z.object({
          ok: z.boolean(),
          steps: z.array(z.object({ op: z.string(), name: z.string(), cause: z.string() })),
        }),
        run: async () => cause,
        document: () => ({ ok: true, steps: [{ op: "update", name: "shop.qmoney.de", cause }] }),
      });
    await perform(previewOf("drift"), { refresh: true }, { estate: estate() });
    expect(await readIncidents(store())).toMatchObject([
      { rule: "undeclared-drift", state: "open", sentence: "1 change by hand: shop.qmoney.de" },
    ]);
    expect(of("slack").map(({ text }) => text)).toContain("raised: undeclared-drift on estate");
    await perform(previewOf("code"), { refresh: true }, { estate: estate() });
    expect(await readIncidents(store())).toMatchObject([{ state: "closed" }]);
    rmSync(state(), { recursive: true });
    rmSync(join(dir, "catalog/notify.yaml"));
    await perform(previewOf("drift"), { refresh: true }, { estate: estate() });
    expect(existsSync(join(state(), "incidents.json"))).toBe(false);
  });

  it("that are damaged are said to be, and are left as they are; a run goes on", async () => {
    await store().put("incidents.json", "{ half");
    await expect(perform(incidentList, {}, { estate: estate() })).rejects.toMatchObject({
      code: "incident.unreadable",
    });
    const { exitCode } = await perform(upOf([begun, judged("fail")]), {}, { estate: estate() });
    expect(exitCode).toBe(0);
    expect((await store().get("incidents.json"))?.text).toBe("{ half");
  });

  it("a host key that is not pinned", async () => {
    const refused = upOf([begun, stackEnded("prod-plesk", ["plesk.ssh.host-key: another key"])], () => ({ ok: false }));
    await perform(refused, {}, { estate: estate() });
    expect(await readIncidents(store())).toMatchObject([{ rule: "host-key-changed", scope: "prod-plesk" }]);
  });
});

it("secrets of the environment are taken out of texts, the longest first", () => {
  const own = withoutSecretsOf({
    A_TOKEN: "abcdefgh",
    B_SECRET: "abcdefghijkl",
    C_PASSWORD: "short",
    PATH: "/usr/local/bin",
  });
  expect(own("abcdefghijkl abcdefgh short /usr/local/bin")).toBe("[secret] [secret] short /usr/local/bin");
});

it("what is not recorded opens no store", async () => {
  await perform(incidentList, {}, { estate: estate() });
  expect(existsSync(join(state(), "events"))).toBe(false);
});
