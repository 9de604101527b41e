// What breaks when these fail: reports and dashboards read half a run, or a run's record fills the store.
import { expect, it } from "vitest";
import { directoryStore } from "../../../../fleet/backend/store/directory-store.ts";
import { EventStream, listStreams, readStream } from "../../../../fleet/events/stream.ts";
import { tempDir } from "../../plesk/support/temp.ts";

const notice = (text: string) => ({ event: "notice" as const, text });

it("keeps events in their order, bounded, with what matters beyond the bound", async () => {
  const store = directoryStore(tempDir("sitefleet-events-"));
  const stream = new EventStream(store, "20261129T120000Z-a", (text) => text.replaceAll("s3cret", "[secret]"));
  for (let index = 0; index < 1500; index++) stream.add(notice(`n${index} s3cret`));
  await stream.flush();
  stream.add({ event: "ended", ok: true, exitCode: 0, milliseconds: 5 });
  await stream.close(1000);
  const read = await readStream(store, stream.id);
  expect(read).toHaveLength(1001);
  expect(read[0]).toMatchObject({ seq: 1, text: "n0 [secret]" });
  expect(read.at(-1)).toMatchObject({ seq: 1501, event: "ended" });
});

it("a store that fails costs nothing but the record, and a line that is not known is left out", async () => {
  const store = directoryStore(tempDir("sitefleet-events-"));
  const broken = { ...store, put: () => Promise.reject(new Error("down")) };
  const stream = new EventStream(broken, "b", (text) => text);
  stream.add(notice("x"));
  await stream.close(50);
  await store.append("events/c.jsonl", '{"event":"tomorrow"}\nhalf a li');
  expect(await readStream(store, "c")).toEqual([]);
});

it("the oldest streams go", async () => {
  const store = directoryStore(tempDir("sitefleet-events-"));
  for (let index = 0; index < 303; index++) await store.put(`events/${String(index).padStart(3, "0")}.jsonl`, "");
  const stream = new EventStream(store, "999", (text) => text);
  stream.add(notice("x"));
  await stream.close(2000);
  const left = await listStreams(store);
  expect(left).toHaveLength(300);
  expect([left[0], left.at(-1)]).toEqual(["999", "004"]);
});
