// What breaks when these fail: an artifact that no signer has signed, or that was changed since, is deployed; or one that was signed is not.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { signatureOf } from "../../../../fleet/gates/artifacts.ts";
import { signText } from "../../../../fleet/gates/signature.ts";
import { perform } from "../../../../operations/kit/operation.ts";
import { sign } from "../../../../operations/sign.ts";
import { build, makeRepository } from "../../plesk/builder/support.ts";
import { tempDir } from "../../plesk/support/temp.ts";
import { said } from "./support.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const dir = tempDir("sitefleet-signed-");
const source = makeRepository({ "index.html": "one" });
const keyOf = (name: string) => readFileSync(join(dir, `${name}.pub`), "utf8").trim();
const bare = (name: string) => keyOf(name).split(" ").slice(0, 2).join(" ");
const RULES = { exclude: ["*.log"] };
const artifact = (at: string) => signatureOf(join(at, "site"), RULES);

let signed: string;
beforeAll(async () => {
  for (const name of ["signer", "stranger"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(dir, name)]);
  signed = tempDir("sitefleet-built-");
  await build(source, signed, { rules: RULES });
  const provenance = readFileSync(join(signed, "site.provenance.json"), "utf8");
  const signature = await signText(provenance, join(dir, "signer"), "artifact@sitefleet");
  writeFileSync(join(signed, "site.provenance.json.sig"), signature);
});

const copy = () => {
  const to = tempDir("sitefleet-copy-");
  cpSync(signed, to, { recursive: true });
  return to;
};

describe("who has signed an artifact", () => {
  it("is the key whose signature fits, as long as the files are those", async () => {
    expect(await artifact(signed)).toEqual({ key: bare("signer") });
  });

  it.each([
    ["no signature", (at: string) => rmSync(join(at, "site.provenance.json.sig"))],
    [
      "the signature cannot be read",
      (at: string) => writeFileSync(join(at, "site.provenance.json.sig"), "x".repeat(99_999)),
    ],
    ["its files are not those that were attested", (at: string) => writeFileSync(join(at, "site/index.html"), "two")],
    ["its files are not those that were attested", (at: string) => rmSync(join(at, "site"), { recursive: true })],
    [
      "the signature is of another provenance",
      (at: string) => {
        const file = join(at, "site.provenance.json");
        writeFileSync(file, `${readFileSync(file, "utf8")}\n`);
      },
    ],
  ])("%s", async (problem, damage) => {
    const at = copy();
    damage(at);
    expect(await artifact(at)).toEqual({ problem });
  });

  it("is nobody where the signature was made for an approval", async () => {
    const at = copy();
    const provenance = readFileSync(join(at, "site.provenance.json"), "utf8");
    writeFileSync(join(at, "site.provenance.json.sig"), await signText(provenance, join(dir, "signer")));
    expect(await artifact(at)).toEqual({ problem: "signed for something else" });
  });

  it("is nobody after the next build, whose provenance is another", async () => {
    const at = copy();
    await build(source, at, { rules: RULES });
    expect(await artifact(at)).toEqual({ problem: "no signature" });
  });
});

describe("the rule", () => {
  const gates = () => `rules: { unsigned-artifact: { signers: ["${keyOf("signer")}"] } }`;
  const artifacts = () => [
    { service: "games", key: bare("signer") },
    { service: "crm", problem: "no signature" },
    { service: "forum", key: bare("stranger") },
  ];
  const sentence =
    "2 artifacts are not signed by a signer: crm (no signature), forum (signed by a key that is no signer's)";

  it("stops what no signer has signed, and is lifted by its name alone", () => {
    expect(said({ artifacts: artifacts() }, gates())).toEqual([`stop unsigned-artifact: ${sentence}`]);
    expect(said({ artifacts: artifacts() }, gates(), ["unsigned-artifact"])).toEqual([
      `approve unsigned-artifact: ${sentence}`,
    ]);
    expect(said({ artifacts: artifacts() }, gates(), ["freeze"])).toEqual([`stop unsigned-artifact: ${sentence}`]);
  });

  it("is silent where all is signed, where no signers are declared, and on the way back", () => {
    expect(said({ artifacts: artifacts().slice(0, 1) }, gates())).toEqual([]);
    expect(said({ artifacts: artifacts() })).toEqual([]);
    expect(said({ artifacts: artifacts(), direction: "back" }, gates())).toEqual([]);
  });
});

it("sitefleet sign signs what fits its provenance, and refuses what does not before it asks for a key", async () => {
  const at = tempDir("sitefleet-catalog-");
  const catalogDir = join(at, "catalog");
  cpSync("catalog", catalogDir, { recursive: true, filter: (file) => !/\/(sample|schema)/.test(file) });
  cpSync(signed, catalogDir, { recursive: true, filter: (file) => !/\.sig$|\.builds/.test(file) });
  const services = readFileSync(join(catalogDir, "services.yaml"), "utf8");
  writeFileSync(join(catalogDir, "services.yaml"), services.replace("sample/artifacts/status", "site"));
  const estate = { catalogDir, configFile: join(at, "Pulumi.prod.yaml") };
  const signs = (service: string[], key: string) => perform(sign, { service, key: join(dir, key) }, { estate });
  await expect(signs(["nothing"], "signer")).rejects.toMatchObject({ code: "service.unknown" });
  await expect(signs(["status", "docs"], "no-key")).rejects.toMatchObject({
    code: expect.stringMatching(/^plesk\.artifact/),
  });
  await expect(signs(["status"], "no-key")).rejects.toMatchObject({ code: "approval.sign" });
  const { document } = await signs(["status"], "stranger");
  expect(document).toMatchObject({ signed: [{ service: "status", key: bare("stranger") }] });
  expect(await signatureOf(join(catalogDir, "site"), {})).toEqual({ key: bare("stranger") });
  writeFileSync(join(catalogDir, "site/index.html"), "changed");
  await expect(signs(["status"], "signer")).rejects.toMatchObject({ code: "plesk.artifact.attestation" });
});
