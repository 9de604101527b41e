import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readRules, takeLook } from "../../../../fleet/alerts/index.ts";
import { directoryStore } from "../../../../fleet/backend/store/directory-store.ts";
import { type Message, Notifier } from "../../../../fleet/notify/index.ts";
import type { NotifyReceiver } from "../../../../model/index.ts";
import { TOPICS } from "../../../../model/index.ts";
import { NO_SOURCES, type Sources } from "../../../../operations/metrics/sources.ts";
import { type Teller, watchOnce } from "../../../../operations/watch/loop.ts";
import { createChat } from "../../../../sandbox/chat/index.ts";
import { serveMail } from "../../../../sandbox/chat/mail.ts";
import { createContext, createFaultController, type Served, serve } from "../../../../sandbox/core/index.ts";
import { tempDir } from "../../plesk/support/temp.ts";

// What breaks when these fail: a service is down and no one is told, or everyone is told again and again.

const chat = createChat(createContext({}));
const faults = createFaultController();
const open: Pick<Served, "close">[] = [];
let env: Record<string, string> = {};
beforeAll(async () => {
  const [api, mail] = [await serve(chat, { faults }), await serveMail(chat, 0, faults)];
  open.push(api, mail);
  env = {
    SLACK: `${api.url}/services/T00000000/B00000000/sandbox`,
    HOOK: `${api.url}/hooks/sitefleet`,
    KEY: "a-shared-key-of-the-hook",
    SMTP: `smtp://127.0.0.1:${mail.port}`,
  };
});
afterAll(() => Promise.all(open.map((one) => one.close())));

const common = { events: [...TOPICS] };
const RECEIVERS: NotifyReceiver[] = [
  { kind: "slack", name: "slack", webhook: "SLACK", ...common },
  { kind: "mail", name: "mail", server: "SMTP", from: "s@acme.example", to: ["ops@acme.example"], ...common },
  { kind: "webhook", name: "n8n", url: "HOOK", secret: "KEY", ...common },
];
const rules = readRules("catalog");
const START = Date.now();
const MINUTE = 60_000;

/** The estate with these services, of which some are down. */
function estate(now: number, down: readonly string[], all = ["crm", "idp", "forum"]): Sources {
  const hosts = all.map((service) => {
    const verdict = down.includes(service) ? ("fail" as const) : ("pass" as const);
    const host = `${service}.acme.example`;
    const one = { id: host, kind: "service" as const, host, url: "", verdict, reason: "", vantages: [], service };
    return { at: now, last: one, judged: one };
  });
  return { ...NO_SOURCES, services: { at: now, value: hosts } };
}

let dir: string;
const store = () => directoryStore(dir);
const teller = () => new Notifier({ receivers: RECEIVERS, env, store: store() });
beforeEach(() => {
  dir = tempDir("sitefleet-watch-");
  faults.clear();
  chat.restore({ messages: [], count: 0 });
});
const look = (minute: number, down: readonly string[], open: () => Teller = teller) =>
  watchOnce({ now: START + minute * MINUTE, sources: estate(START + minute * MINUTE, down) }, rules, store(), open);
const of = (service: string) => chat.messages().filter((message) => message.service === service);

it("a service that stops reaches Slack, mail and n8n at the next look, once, and so does its recovery", async () => {
  await look(0, []);
  const first = await look(1, ["crm"]);
  expect(first.told).toEqual(["critical: ServiceDown fires"]);
  // Each look is a process of its own as far as it knows: a restart tells nothing again.
  for (const minute of [2, 3, 4]) expect((await look(minute, ["crm"])).told).toEqual([]);
  for (const service of ["slack", "mail", "webhook"]) expect(of(service), service).toHaveLength(1);
  expect((await look(5, [])).told).toEqual(["critical: ServiceDown is over"]);
  await look(6, []);
  for (const service of ["slack", "mail", "webhook"]) {
    expect(of(service), service).toHaveLength(2);
    expect(JSON.stringify(of(service)), service).toContain("crm does not answer as declared");
  }
  const [hook] = of("webhook");
  const headers = hook?.parts[0] as Record<string, string>;
  const signed = createHmac("sha256", env.KEY ?? "").update(`${headers["x-sitefleet-timestamp"]}.${hook?.text}`);
  expect(headers["x-sitefleet-signature"]).toBe(`v1=${signed.digest("hex")}`);
  expect(JSON.parse(hook?.text ?? "")).toMatchObject({ topic: "alert", over: false });
});

it("a host that goes down with all services is one message; the thread is one from the first to the last", async () => {
  const said: Message[] = [];
  const keeping = () => ({ post: (message: Message) => void said.push(message), close: teller().close.bind(teller()) });
  await look(0, ["crm", "idp"], keeping);
  await look(1, ["crm", "idp", "forum"], keeping);
  await look(2, ["forum"], keeping);
  await look(3, [], keeping);
  expect(said.map(({ title, lines, over }) => [title.split(" ").slice(1).join(" "), lines.length, over])).toEqual([
    ["ServiceDown fires", 2, false],
    ["ServiceDown fires", 1, false],
    ["ServiceDown is over in part", 3, false],
    ["ServiceDown is over", 1, true],
  ]);
  expect(new Set(said.slice(0, 3).map(({ thread }) => thread)).size).toBe(1);
});

describe("what goes wrong", () => {
  it("a receiver that is down is told later, by whichever look comes first", async () => {
    const notifier = () =>
      new Notifier({ receivers: RECEIVERS.slice(2), env: { ...env, HOOK: "http://127.0.0.1:9/" }, store: store() });
    const quick = () => {
      const one = notifier();
      return {
        post: (message: Message) => one.post(message),
        close: () => one.close({ alive: 300, failing: 0, unknown: 300 }),
      };
    };
    await look(0, ["crm"], quick);
    expect(of("webhook")).toHaveLength(0);
    const late = { ...estate(START + MINUTE, ["crm"]), notifications: { at: START, value: 1 } };
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await watchOnce({ now: START + MINUTE, sources: late }, rules, store(), teller);
    expect(of("webhook")).toHaveLength(1);
  });

  it("one that is killed before it has told leaves it to the next", async () => {
    const killed = () => {
      throw new Error("killed");
    };
    await expect(look(0, ["crm"], killed)).rejects.toThrow("killed");
    // Another process of this machine: the one that had it is gone.
    const file = join(dir, "alerts.json");
    const book = JSON.parse(new TextDecoder().decode((await store().bytes("alerts.json"))?.content));
    expect(book.untold).toHaveLength(1);
    book.untold[0].by = { ...book.untold[0].by, host: hostname(), pid: 2 ** 22 + 1 };
    writeFileSync(file, JSON.stringify(book));
    expect((await look(1, ["crm"])).told).toEqual(["critical: ServiceDown fires"]);
    expect((await look(2, ["crm"])).told).toEqual([]);
    expect(of("slack")).toHaveLength(1);
  });

  it("two that look at once tell once", async () => {
    const looks = await Promise.all([look(0, ["crm"]), look(0, ["crm"]), look(0, ["crm"])]);
    expect(looks.flatMap(({ told }) => told)).toEqual(["critical: ServiceDown fires"]);
  });

  it("a doubt ends nothing, and a source that cannot be read ends nothing", async () => {
    await look(0, ["crm"]);
    const sources = estate(START + MINUTE, ["crm"]);
    const doubtful = sources.services.value?.map((one) => ({
      ...one,
      last: { ...one.last, verdict: "inconclusive" as const },
    }));
    const unread: Sources = { ...sources, services: { at: START, value: doubtful, failed: "no network" } };
    const watched = await watchOnce({ now: START + MINUTE, sources: unread }, rules, store(), teller);
    expect(watched).toMatchObject({ told: [], firing: [{ alert: "ServiceDown" }] });
    expect(watched.failed).toEqual([{ source: "services", reason: "no network" }]);
  });

  it("what a later version has kept is not written over", async () => {
    await store().put("alerts.json", '{"version":2}');
    await expect(look(0, ["crm"])).rejects.toMatchObject({ code: "alerts.unreadable" });
    expect((await store().get("alerts.json"))?.text).toBe('{"version":2}');
  });

  it("what must last begins anew after a gap; what fires goes on", async () => {
    const slow = rules.filter(({ alert }) => alert === "ErrorRate");
    const ratio = [{ name: "sitefleet_health_failed_ratio" as const, labels: { kind: "site" }, value: 0.5 }];
    const at = async (minute: number) => takeLook(store(), slow, ratio, START + minute * MINUTE);
    const began = async (minute: number) => (await at(minute)).transitions.map(({ change }) => change);
    for (const minute of [0, 4, 8, 29]) expect(await began(minute)).toEqual([]);
    for (let minute = 30; minute < 59; minute += 4) expect(await began(minute)).toEqual([]);
    expect(await began(59)).toEqual(["firing"]);
    expect(await began(400)).toEqual([]);
  });
});
