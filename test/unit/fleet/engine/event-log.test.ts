import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { followEvents } from "../../../../fleet/engine/event-log.ts";

// What breaks when this fails: events are lost or a preview dies on half a line (the SDK's own reader did).
it("reads whole lines however they are cut, also inside a character, and half a line of a killed engine last", () => {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-events-"));
  try {
    const file = join(dir, "log");
    const seen: unknown[] = [];
    const follower = followEvents(file, (event) => seen.push(event.sequence));
    const text = Buffer.from(`${JSON.stringify({ sequence: 1, note: "grün" })}\n${JSON.stringify({ sequence: 2 })}\n`);
    writeFileSync(file, "");
    for (const byte of text) appendFileSync(file, Buffer.from([byte]));
    appendFileSync(file, '{"sequence":3');
    follower.finish();
    expect(seen).toEqual([1, 2]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
