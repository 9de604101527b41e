import { expect, it, vi } from "vitest";
import { z } from "zod";

// What breaks when this fails: a new field of a service is mapped by hand on its way from services.yaml to the driver, and is lost
// where one place was forgotten. Only the schema of the file and that of the driver may have to know it. Files of this level have
// modules of their own, so that no other test sees the field.

vi.mock("../../model/shape/services.ts", async (original) => {
  const shapes = await original<typeof import("../../model/shape/services.ts")>();
  const ServiceShape = shapes.ServiceShape.extend({ nice: z.int().default(0) });
  return { ...shapes, ServiceShape, ServicesFile: z.strictObject({ services: z.array(ServiceShape) }) };
});
vi.mock("../../plesk/input.ts", async (original) => {
  const input = await original<typeof import("../../plesk/input.ts")>();
  return { ...input, SERVICE_FIELDS: [...input.SERVICE_FIELDS, "nice"] };
});

const { documentOf } = await import("../../components/plesk-service/document.ts");
const { buildServices } = await import("../../model/assemble/services.ts");
const { loadCatalog } = await import("../../model/index.ts");
const { readYaml } = await import("../../model/read/yaml.ts");
const { desiredState } = await import("../../stacks/desired.ts");

it("a field that both schemas have goes from the file to the driver, as written or by its default", () => {
  const catalog = loadCatalog("catalog");
  const text = `services:
  - { key: one, host: one.example.org, path: /www/one, kind: static, nice: 7 }
  - { key: two, host: two.example.org, path: /www/two, kind: static }
`;
  const problems: unknown[] = [];
  const report = (...problem: unknown[]) => void problems.push(problem);
  const [host] = catalog.hosts;
  const built = buildServices(readYaml("services.yaml", text, report)!, catalog.zones, host?.key ?? "", report);
  const services = (built?.services ?? []).map(({ value }) => value);
  const state = desiredState({ ...catalog, services }, "prod-plesk");
  const server = { address: "h", port: 22, user: "u", hostKey: [], profile: "generic", parallel: 1 } as const;
  const documents = state?.kind === "plesk" ? state.services.map((one) => documentOf(one, server, {}, "o")) : [];
  expect(documents.map(({ service }) => service)).toMatchObject([{ nice: 7 }, { nice: 0 }]);
  expect(problems).toEqual([]);
});
