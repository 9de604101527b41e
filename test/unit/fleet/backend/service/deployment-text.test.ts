import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deploymentText } from "../../../../../fleet/backend/service/deployment-text.ts";
import { Replay } from "../../../../../fleet/backend/service/replay.ts";
import type { Journal } from "./engine-model.ts";

/**
 * Journals of the model, and the text that the engine's own code made of each: JournalReplayer and the directory backend's writer of
 * pulumi 3.276, without the manifest. Made with a program beside the project, which is asked again when either changes.
 */
const REPLAYS = readFileSync(join(import.meta.dirname, "replays.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Journal & { readonly text: string });

// Breaks when a state of ours would not be, to the byte, the one that plain pulumi writes after the same steps.
test.each(REPLAYS.map((journal, at) => [at, journal] as const))(
  "journal %i gives the engine's own text",
  (_, journal) => {
    const replayed = new Replay(journal.base);
    for (const entry of journal.entries) replayed.add(entry);
    const text = deploymentText("organization/p/s", replayed.deployment(), { version: "", time: new Date(0) });
    expect(text.replace(/"manifest":\{[^}]*\}/, '"manifest":{}')).toBe(journal.text);
  },
);

// Breaks when the engine would take a state of ours for one that another hand has changed: it compares the digest.
test("a state says who wrote it and when, and nothing of an older fault", () => {
  const broken = { metadata: { integrity_error: { version: "3", command: "pulumi up", error: "an error" } } };
  const typed = new Replay(broken, ["byteString"]).deployment();
  expect(deploymentText("organization/p/s", typed, { version: "v3.276.0", time: new Date(0) })).toBe(
    '{"version":3,"checkpoint":{"stack":"organization/p/s","latest":{"manifest":{"time":"1970-01-01T00:00:00.000Z",' +
      '"magic":"a8ce862bb3201356034a2d41310dffb289d873f576feb681dd14b5ac87d739dd","version":"v3.276.0"},"metadata":{}}}}',
  );
});

// Breaks when a value comes out in another form than Go's: the file would change with each engine that reads and writes it.
test("numbers, keys and signs are written as Go does", () => {
  const inputs = JSON.parse('{"2":-0,"10":1e21,"\\u2028":"<&>","\\ud83d\\ude00":1,"\\ufb01":2,"__proto__":3}');
  const typed = new Replay({
    secrets_providers: { type: "awskms", state: { url: "awskms://a?b&c" } },
    resources: [{ urn: "u", custom: false, type: "t", inputs, later: { b: 1, a: 2 } }],
  }).deployment();
  const text = deploymentText("s", typed, { version: "", time: new Date(0) });
  expect(text).toContain(
    '"inputs":{"10":1e+21,"2":-0,"__proto__":3,"\\u2028":"<&>","\ufb01":2,"\u{1f600}":1},"later":{"b":1,"a":2}',
  );
  expect(text).toContain('"state":{"url":"awskms://a?b\\u0026c"}');
});
