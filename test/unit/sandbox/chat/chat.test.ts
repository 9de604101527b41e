import { beforeEach, expect, test } from "vitest";
import { type ChatVendor, createChat } from "../../../../sandbox/chat/index.ts";
import { createContext } from "../../../../sandbox/core/index.ts";

// What notifications are tested against: wrong answers here would let broken messages pass as delivered.
let vendor: ChatVendor;
const HOOK = "/services/T00000000/B00000000/sandbox";
const DISCORD = "/api/webhooks/1000000000000000000/sandbox";

beforeEach(() => {
  vendor = createChat(createContext({ now: () => Date.UTC(2026, 0, 1), options: { chat: { keep: 3 } } }));
});

async function post(path: string, body: unknown, headers: Record<string, string> = {}, method = "POST") {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await vendor.fetch(new Request(`http://sandbox${path}`, { method, headers, body: text }));
  return { status: response.status, text: await response.text() };
}

const api = async (method: string, body: unknown, authorization = "Bearer xoxb-1") =>
  JSON.parse((await post(`/api/${method}`, body, authorization === "" ? {} : { authorization })).text);

test("a Slack webhook says ok, or in one word what is wrong", async () => {
  expect(await post(HOOK, { text: "deployed" })).toEqual({ status: 200, text: "ok" });
  const form = `payload=${encodeURIComponent(JSON.stringify({ text: "form", channel: "#alerts" }))}`;
  expect((await post(HOOK, form, { "content-type": "application/x-www-form-urlencoded" })).text).toBe("ok");
  expect(await post(HOOK, "{")).toEqual({ status: 400, text: "invalid_payload" });
  expect(await post(HOOK, {})).toEqual({ status: 400, text: "no_text" });
  expect(await post(HOOK, { blocks: Array(51).fill({}) })).toEqual({ status: 400, text: "invalid_blocks" });
  expect(await post(HOOK, { text: "x", channel: "#nowhere" })).toEqual({ status: 404, text: "channel_not_found" });
  expect(await post("/services/T0", { text: "x" })).toEqual({ status: 404, text: "no_service" });
  expect(vendor.messages().map(({ channel, text }) => [channel, text])).toEqual([
    ["general", "deployed"],
    ["alerts", "form"],
  ]);
});

test("Slack's Web API answers 200 with ok false when it refuses", async () => {
  const sent = await api("chat.postMessage", { channel: "#deployments", text: "go" });
  expect(sent).toMatchObject({ ok: true, channel: expect.stringMatching(/^C/), ts: "1767225600.000001" });
  expect(await api("chat.update", { channel: sent.channel, ts: sent.ts, text: "gone" })).toMatchObject({
    ok: true,
    text: "gone",
  });
  expect(await api("chat.postMessage", { channel: "#deployments", text: "x" }, "")).toEqual({
    ok: false,
    error: "not_authed",
  });
  expect(await api("chat.postMessage", { channel: "C404", text: "x" })).toEqual({
    ok: false,
    error: "channel_not_found",
  });
  expect(await api("chat.postMessage", { channel: "general", text: "x".repeat(40_001) })).toEqual({
    ok: false,
    error: "msg_too_long",
  });
  expect(await api("no.such", {})).toEqual({ ok: false, error: "unknown_method" });
});

test("Discord: 204, or the message with wait=true; its own errors; edit and delete", async () => {
  expect(await post(DISCORD, { content: "hi" })).toEqual({ status: 204, text: "" });
  const kept = JSON.parse((await post(`${DISCORD}?wait=true`, { embeds: [{ title: "t" }], username: "bot" })).text);
  expect(kept).toMatchObject({
    type: 0,
    embeds: [{ title: "t" }],
    author: { username: "bot" },
    edited_timestamp: null,
  });
  expect(JSON.parse((await post(DISCORD, {})).text)).toEqual({ message: "Cannot send an empty message", code: 50006 });
  expect(JSON.parse((await post(DISCORD, { content: "x".repeat(2001) })).text)).toMatchObject({
    code: 50035,
    errors: { content: { _errors: [{ code: "BASE_TYPE_MAX_LENGTH" }] } },
  });
  const at = `/api/v10/webhooks/1000000000000000000/sandbox/messages/${kept.id}`;
  expect((await post(at, { content: "new" }, {}, "PATCH")).status).toBe(200);
  expect((await post(at, "", {}, "DELETE")).status).toBe(204);
  expect(JSON.parse((await post(at, "", {}, "DELETE")).text)).toEqual({ message: "Unknown Message", code: 10008 });
});

test("only the newest are kept, across a restart, with ids that stay unique", async () => {
  for (const text of ["a", "b", "c", "d"]) await post(HOOK, { text });
  const other = createChat(createContext({ now: () => Date.UTC(2026, 0, 1) }));
  other.restore(JSON.parse(JSON.stringify(vendor.snapshot())));
  expect(other.messages().map((message) => message.text)).toEqual(["b", "c", "d"]);
  vendor = other;
  await post(HOOK, { text: "e" });
  expect(new Set(vendor.messages().map((message) => message.id)).size).toBe(4);
  expect(() => vendor.restore({ messages: 1 })).toThrow();
});
