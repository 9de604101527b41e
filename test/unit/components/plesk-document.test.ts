import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documentOf, type Server, type ServiceSpec } from "../../../components/plesk-service/document.ts";
import { parseDocument } from "../../../plesk/index.ts";

// What breaks when these fail: preview, update and the commands tell the driver different things about one service.

const digest = "ab".repeat(32);
const server: Server = {
  address: "host.example.org",
  port: 22,
  user: "web01",
  hostKey: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ"],
  profile: "generic",
  parallel: 8,
};
const spec: ServiceSpec = {
  key: "crm",
  host: "crm.example.org",
  path: "/www/crm",
  kind: "drupal-civicrm",
  exclude: ["*.log"],
  health: { path: "/login", status: 200, release: true, withinSeconds: 20 },
  database: { engine: "postgresql", name: "mo_crm", scratch: "mo_crm_scratch", keep: 5 },
  artifactDir: "artifacts/crm",
  artifactDigest: digest,
};
const access = { address: "::1", port: 5432, user: "svc_crm", password: "p@ss/w:rd" };

describe("the driver's document", () => {
  it("holds health and database as declared, and the variables that frameworks look for", () => {
    const document = parseDocument(documentOf(spec, server, { privateKey: "K", access, env: { A: "1" } }, "o"));
    expect(document.health).toMatchObject({ url: "https://crm.example.org/login", withinSeconds: 20 });
    expect(document.database).toMatchObject({ host: "::1", scratch: "mo_crm_scratch", password: "p@ss/w:rd" });
    expect(document.env).toMatchObject({
      A: "1",
      DATABASE_URL: "postgresql://svc_crm:p%40ss%2Fw%3Ard@[::1]:5432/mo_crm",
      DB_PASSWORD: "p@ss/w:rd",
    });
    expect(document.service.steps).toBe("kind");
  });

  it("asks the host's own web server where one is named, under the service's name", () => {
    const { health } = documentOf(spec, { ...server, web: "https://198.51.100.7" }, {}, "o");
    expect(health).toMatchObject({ url: "https://198.51.100.7/login", host: "crm.example.org" });
  });

  it("leaves .env and database alone when their secrets are not known", () => {
    const document = documentOf(spec, server, {}, "o");
    expect(document).not.toHaveProperty("env");
    expect(document).not.toHaveProperty("database");
    expect(document.host).not.toHaveProperty("privateKey");
  });

  it("lifts a safeguard for just the release that was named", () => {
    const allow = [
      { safeguard: "delete-share", release: digest.slice(0, 12) },
      { safeguard: "bad-release", release: "0".repeat(12) },
    ] as const;
    expect(documentOf({ ...spec, allow }, server, {}, "o").allow).toEqual(["delete-share"]);
    expect(documentOf({ ...spec, onRemoval: "delete-files" }, server, {}, "o").allow).toEqual(["delete-files"]);
  });

  it("is the same text for the same data, whatever the order of its variables: else every preview shows an update", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Z]{1,8}$/), fc.string()), (env) => {
        const turned = Object.fromEntries(Object.entries(env).reverse());
        const text = (of: Record<string, string>) => JSON.stringify(documentOf(spec, server, { access, env: of }, "o"));
        expect(text(turned)).toBe(text(env));
      }),
    );
  });
});
