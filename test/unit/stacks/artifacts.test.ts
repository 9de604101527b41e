// What would break: one service whose artifact is not built would keep every other from its hotfix, and every preview from being shown.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOf } from "../../../components/plesk-service/document.ts";
import { loadCatalog } from "../../../model/index.ts";
import { parseDocument } from "../../../plesk/input.ts";
import { NO_ARTIFACT, readArtifacts } from "../../../stacks/artifacts.ts";
import { desiredState } from "../../../stacks/desired.ts";
import { serverOf } from "../../../stacks/plesk-documents.ts";
import { makeArtifact } from "../plesk/support/driver.ts";

test("a missing artifact is its own service's: the others have theirs, and the driver is asked for content that does not exist", async () => {
  const catalog = loadCatalog("catalog");
  const [one, other] = catalog.services;
  if (one === undefined || other === undefined) throw new Error("the sample has services");
  const [there, gone] = [makeArtifact({ "index.html": "x" }), makeArtifact({ "index.html": "y" })];
  rmSync(gone, { recursive: true });
  const root = join(catalog.dir, "..");
  const services = [
    { ...one, artifact: there },
    { ...other, artifact: gone },
  ];
  const part = { ...catalog, services };
  const artifacts = await readArtifacts(part, root);
  expect(artifacts.get(one.key)?.digest).toMatch(/^[0-9a-f]{64}$/);
  expect(artifacts.get(one.key)?.digest).not.toBe(NO_ARTIFACT);
  expect(artifacts.get(other.key)?.digest).toBe(NO_ARTIFACT);
  const state = desiredState(part, "prod-plesk", artifacts);
  if (state?.kind !== "plesk") throw new Error("prod-plesk is the services' stack");
  for (const service of state.services) {
    const host = state.hosts.find(({ key }) => key === service.server);
    if (host === undefined) throw new Error("every service has a host");
    const pinned = { ...serverOf(host), hostKey: [`ssh-ed25519 ${"A".repeat(68)}`] };
    // A document that the driver reads: it refuses the artifact, not all that it was asked.
    expect(() => parseDocument(documentOf(service, pinned, {}, "o"))).not.toThrow();
  }
});
