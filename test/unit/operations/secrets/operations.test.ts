// What breaks when these fail: a command about secrets cannot work with what the backend and GitHub really say, or prints a value.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Estate } from "../../../../operations/kit/estate.ts";
import { perform } from "../../../../operations/kit/operation.ts";
import { secretsImport } from "../../../../operations/secrets-import.ts";
import { secretsPlan } from "../../../../operations/secrets-plan.ts";
import { secretsRotate } from "../../../../operations/secrets-rotate.ts";
import { secretsVerify } from "../../../../operations/secrets-verify.ts";

let server: Server;
let estate: Estate;
let status = 200;
const asked: string[] = [];
const there = ["SMTP_PASS", "JWT_SECRET", "SSH_PRIVATE_KEY", "STRAY"];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url?.split("?")[0]}`);
    const secrets = there.map((name) => ({
      name,
      created_at: "2026-01-01T00:00:00Z",
      updated_at: "2026-01-02T00:00:00Z",
    }));
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ total_count: secrets.length, secrets }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-secrets-"));
  const [catalogDir, backend, configFile] = [join(dir, "catalog"), join(dir, "backend"), join(dir, "Pulumi.prod.yaml")];
  mkdirSync(catalogDir);
  mkdirSync(backend);
  for (const name of readdirSync("catalog").filter((one) => /\.(yaml|csv)$/.test(one)))
    cpSync(join("catalog", name), join(catalogDir, name));
  writeFileSync(
    configFile,
    "config:\n  sitefleet:target: test\n  sitefleet:secrets:\n    SMTP_HOST: mail.example.org\n",
  );
  const { port } = server.address() as AddressInfo;
  const env = {
    ...process.env,
    GITHUB_BASE_URL: `http://127.0.0.1:${port}/`,
    GITHUB_TOKEN: "t",
    PULUMI_BACKEND_URL: `file://${backend}`,
  };
  estate = { catalogDir, configFile, env };
});
afterAll(() => void server.close());

test("plan lists every secret of an estate that was never brought up", async () => {
  const { document } = await perform(secretsPlan, {}, { estate });
  const of = new Map(document.secrets.map((one) => [one.name, one]));
  expect(of.get("JWT_SECRET")).toMatchObject({
    origin: "generated",
    write: "create",
    phase: "steady",
    maxAgeDays: 365,
  });
  expect(of.get("SMTP_HOST")?.origin).toBe("configured");
  expect(of.get("SMTP_PORT")?.origin).toBe("declared");
  expect(JSON.stringify(document)).not.toContain("mail.example.org");
});

test("verify tells what GitHub has otherwise, with code 2", async () => {
  const { document, exitCode } = await perform(secretsVerify, {}, { estate });
  const found = document.findings.map(({ kind, name }) => `${kind} ${name}`);
  expect(exitCode).toBe(2);
  expect(found).toContain("extra STRAY");
  expect(found).toContain("foreign JWT_SECRET");
  expect(found).toContain("missing SESSION_SECRET");
  expect(new Set(asked)).toEqual(
    new Set(["GET /api/v3/repos/menschlichkeit-oesterreich/estate/environments/production/secrets"]),
  );
});

test("what GitHub refuses is told with what to do", async () => {
  status = 403;
  const refused = perform(secretsVerify, {}, { estate });
  await expect(refused).rejects.toMatchObject({
    code: "secrets.unread",
    hint: expect.stringContaining("GITHUB_TOKEN"),
  });
  status = 200;
});

test("an import says what it would do, and with it no value", async () => {
  const text = "SMTP_PASS=hunter-two\nSMTP_HOST=other\nELSE=1\n";
  const { document } = await perform(secretsImport, { from: "dotenv", text, dryRun: true }, { estate });
  expect(document).toEqual({ set: ["SMTP_PASS"], takenOver: [], known: [], kept: ["SMTP_HOST"], left: 1 });
});

test("what is there is taken over but for what a host needs, and then declared so", async () => {
  const run = () => perform(secretsImport, { existing: true }, { estate });
  await expect(run()).rejects.toMatchObject({
    code: "secrets.import",
    details: [expect.stringContaining("SSH_PRIVATE_KEY")],
  });
  there.splice(there.indexOf("SSH_PRIVATE_KEY"), 1);
  expect((await run()).document.takenOver).toEqual(["SMTP_PASS", "JWT_SECRET"]);
  const text = readFileSync(join(estate.catalogDir, "secrets.yaml"), "utf8");
  expect(text).toContain("{ name: JWT_SECRET, source: github");
  expect(
    (await perform(secretsPlan, {}, { estate })).document.secrets.find(({ name }) => name === "JWT_SECRET"),
  ).toMatchObject({
    origin: "by hand",
    write: "kept",
  });
});

test("a rotation that cannot be is refused with every reason, and nothing is changed", async () => {
  const before = readFileSync(join(estate.catalogDir, "secrets.yaml"), "utf8");
  const secret = ["NONE", "SMTP_HOST", "MO_CRM_DB_USER", "SESSION_SECRET", "SMTP_PASS"];
  const refused = perform(secretsRotate, { secret }, { estate });
  await expect(refused).rejects.toMatchObject({ code: "secrets.rotation", details: { length: secret.length } });
  expect(readFileSync(join(estate.catalogDir, "secrets.yaml"), "utf8")).toBe(before);
});
