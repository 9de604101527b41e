import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { StackKey } from "../../../../../fleet/backend/secrets/stack-key.ts";
import { Exports } from "../../../../../fleet/backend/service/exports.ts";
import { placesOf } from "../../../../../fleet/backend/store/project.ts";
import { tempDir } from "../../../plesk/support/temp.ts";

// What breaks when this fails: an engine closes the secrets of some sites with another key, and no key opens all of the state.

const stack = "prod-cell-07";
const key = StackKey.unpacked({ salt: "v1:AAAA:v1:B:C", key: Buffer.alloc(32, 7).toString("base64") });
const site = (host: string, type: string) => ({ urn: `urn:pulumi:${stack}::sitefleet::${type}::${host}`, type });

it.each([
  ["the run's key closed", key.salt, key, 1],
  ["another key closed", "v1:BBBB:v1:B:C", key, 0],
  ["an engine without the run's key opens", key.salt, undefined, 0],
])("says of a state that %s whether sites are left out", (_, salt, given, left) => {
  const dir = tempDir("states-");
  const parent = site("a.example", "sitefleet:vercel:Site");
  const child = { ...site("a.example", "sitefleet:vercel:Site$x:y:Z"), parent: parent.urn };
  const latest = { secrets_providers: { type: "passphrase", state: { salt } }, resources: [parent, child] };
  const file = join(dir, placesOf(stack).state);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ version: 3, checkpoint: { stack, latest } }));
  const exports = new Exports({ dir, stack, key: given, sites: ["b.example"] });
  expect(exports.of(stack)?.deployment?.resources).toHaveLength(2 - left);
  expect(exports.part?.left.resources ?? 0).toBe(left);
});
