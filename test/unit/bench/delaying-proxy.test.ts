import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type DelayingProxy,
  delayingProxy,
  httpRequests,
  messages,
  steadyMessages,
  steadyRequests,
} from "../../../bench/measure/delaying-proxy.ts";

// What breaks when this fails: the figures of a backend far away are those of one that is near.

const server = createServer((request, response) => request.pipe(response));
let proxy: DelayingProxy;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy = await delayingProxy((server.address() as AddressInfo).port, 60, httpRequests);
});
afterAll(async () => {
  await proxy.close();
  server.close();
});

it("gives each answer a round trip late, whole, and counts what was asked", async () => {
  const body = "GET / HTTP/1.1\n".repeat(20_000);
  const started = performance.now();
  const answer = await fetch(`http://127.0.0.1:${proxy.port}/`, { method: "POST", body });
  expect(await answer.text()).toBe(body);
  expect(performance.now() - started).toBeGreaterThan(58);
  expect(proxy.taken()).toBe(1);
  expect(proxy.taken()).toBe(0);
});

it("leaves out of a bucket's requests what a run writes as time passes, and nothing else", () => {
  const paced = [
    "PUT /b/e/.pulumi/stacks/sitefleet/prod.json?x-id=PutObject",
    "PUT /b/e/.sitefleet/events/1.jsonl?x-id=PutObject",
  ];
  const others = [
    "GET /b/e/.pulumi/stacks/sitefleet/prod.json?x-id=GetObject",
    "PUT /b/e/.pulumi/stacks/sitefleet/prod.json.bak?x-id=PutObject",
    "PUT /b/e/.sitefleet/locks.json?x-id=PutObject",
  ];
  const sent = Buffer.from([...paced, ...others].map((line) => `${line} HTTP/1.1\r\nHost: b\r\n\r\n`).join(""));
  expect([httpRequests(sent), steadyRequests(sent)]).toEqual([5, 3]);
});

it("counts statements of a database, not the pieces of a long one", () => {
  const sent = ["P\0\0\0\x10", "Q\0\0\0\x10", "eyJ2ZXJzaW9u", "X\0\0\0\x04"].map((text) => Buffer.from(text, "latin1"));
  expect(sent.map(messages)).toEqual([1, 1, 0, 0]);
});

it("leaves out of a table's statements what a run writes as time passes, and nothing else", () => {
  const insert = 'INSERT INTO "state" (key, data) VALUES ($1, $2)';
  /** Parse, and Bind with a value for each parameter. */
  const sent = (text: string, key: string) =>
    Buffer.from(`P\0\0\0\x40\0${text}\0\0\0B\0\0\0\x40\0\0\0\0\0\x02\0\0\0\x20${key}\0\0\0\x02{}`, "latin1");
  const paced = [
    sent(insert, "e/.pulumi/stacks/sitefleet/prod.json"),
    sent('UPDATE "state" SET data = $2 WHERE key = $1', "e/.pulumi/stacks/sitefleet/prod.json"),
    sent(insert, "e/.sitefleet/events/1.jsonl"),
  ];
  const others = [
    sent("SELECT data FROM state WHERE key = $1", "e/.pulumi/stacks/sitefleet/prod.json"),
    sent(insert, "e/.pulumi/stacks/sitefleet/prod.json.bak"),
    sent(insert, "e/.sitefleet/locks.json"),
  ];
  expect([...paced, ...others].map(messages)).toEqual([1, 1, 1, 1, 1, 1]);
  expect([...paced, ...others].map(steadyMessages)).toEqual([0, 0, 0, 1, 1, 1]);
});
