import { expect, test } from "vitest";
import { isDue } from "../../../operations/rollout/due-services.ts";
import { parseDocument } from "../../../plesk/index.ts";
import { specDigest } from "../../../plesk/spec.ts";

// Breaks when a rollout deploys a service for nothing, or leaves out one that an update would deploy.

const documentOf = (digest: string, dir = "catalog/a") =>
  parseDocument({
    host: { address: "h.example.org", user: "u", hostKey: `ssh-ed25519 ${"A".repeat(68)}` },
    service: { key: "docs", path: "/www/htdocs/docs", kind: "static" },
    artifact: { dir, digest: digest.repeat(64) },
    owner: "sitefleet/prod-plesk/docs",
  });
const noted = (document: ReturnType<typeof documentOf>) => ({ release: "", spec: specDigest(document) });

test("a service is due when it is asked for something else than the last time, or was never deployed", () => {
  expect(isDue(documentOf("a"), undefined)).toBe(true);
  expect(isDue(documentOf("b"), noted(documentOf("a")))).toBe(true);
  expect(isDue(documentOf("a"), noted(documentOf("a")))).toBe(false);
});

test("an artifact's older name alone deploys nothing", () => {
  const before = documentOf("a", "/srv/old/a");
  expect(isDue(documentOf("a"), { ...noted(before), artifact: "/srv/old/a" })).toBe(false);
  expect(isDue(documentOf("b"), { ...noted(before), artifact: "/srv/old/a" })).toBe(true);
});
