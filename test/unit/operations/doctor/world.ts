import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { doctor, type Examined } from "../../../../operations/doctor.ts";
import { perform } from "../../../../operations/kit/operation.ts";
import { createCloudflare } from "../../../../sandbox/cloudflare/index.ts";
import {
  createContext,
  createRequestLog,
  type RequestLog,
  type Served,
  serve,
  type Vendor,
} from "../../../../sandbox/core/index.ts";
import { pulumiEncrypter } from "../../../../sandbox/daemon/pulumi-secrets.ts";
import { createGithub } from "../../../../sandbox/github/index.ts";
import { createVercel } from "../../../../sandbox/vercel/index.ts";
import { PROJECT_ROOT } from "../../../../stacks/root.ts";

/** How a vendor's answer is changed before it goes out; undefined leaves it as it is. */
export type Change = (path: string, answer: Response) => Response | undefined | Promise<Response | undefined>;

const ZONES = `zones:
  - { name: example.com, kind: cname, mode: existing }
  - { name: example.org, kind: cname, mode: create }
`;
const SITES = `name,zone,project,repository,root_directory,framework,channel,tags
shop,example.com,own,acme/shop,,nextjs,stable,
blog,example.org,own,acme/blog,,astro,stable,
`;
const FILES: Readonly<Record<string, string>> = {
  "zones.yaml": ZONES,
  "sites.csv": SITES,
  "releases.yaml": `channels: { stable: { ref: "3f0c8a1e5d7b94260af1c3e8d95b7a2046c81df3" } }\n`,
  "hosts.yaml": "hosts: []\n",
  "services.yaml": "services: []\n",
  "secrets.yaml": "github: { repository: acme/estate }\nsecrets: [{ name: SMTP_PASS, source: config }]\n",
};

/** A small estate on vendors of this process, with everything as it should be. */
export class World {
  readonly dir = mkdtempSync(join(tmpdir(), "doctor-"));
  readonly catalogDir = join(this.dir, "catalog");
  readonly configFile = join(this.dir, "Pulumi.prod.yaml");
  readonly backend = join(this.dir, "state");
  readonly log: RequestLog = createRequestLog();
  env: Record<string, string | undefined> = {};
  readonly #served: Served[] = [];
  readonly #changes = new Map<string, Change>();
  #salt = "";
  #secret = "";

  /** Starts the vendors. */
  async open(): Promise<this> {
    const repositories = ["acme/shop", "acme/blog", "acme/estate"];
    const context = createContext({
      options: {
        vercel: { team: { slug: "acme" }, repositories },
        cloudflare: { accountId: "0123456789abcdef0123456789abcdef", zones: [{ name: "example.com" }] },
        github: { repositories, organizations: ["acme"] },
      },
    });
    const at = async (vendor: Vendor) => {
      const changed: Vendor = {
        ...vendor,
        fetch: async (request) => {
          const answer = await vendor.fetch(request);
          const { pathname, search } = new URL(request.url);
          return (await this.#changes.get(vendor.name)?.(pathname + search, answer)) ?? answer;
        },
      };
      const served = await serve(changed, { log: this.log });
      this.#served.push(served);
      return served.url;
    };
    const [vercel, cloudflare, github] = await Promise.all([
      at(createVercel(context)),
      at(createCloudflare(context)),
      at(createGithub(context)),
    ]);
    const encrypter = await pulumiEncrypter("right");
    [this.#salt, this.#secret] = [encrypter.salt, encrypter.encrypt("x")];
    const bin = join(this.dir, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "pulumi"), "#!/bin/sh\necho v3.276.0\n", { mode: 0o755 });
    this.#usual = {
      PATH: `${bin}:/usr/bin:/bin`,
      HOME: this.dir,
      PULUMI_BACKEND_URL: `file://${this.backend}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: join(this.dir, "passphrase"),
      VERCEL_API_TOKEN: "abcdefghijklmnopqrstuvwx",
      VERCEL_API_URL: vercel,
      CLOUDFLARE_API_TOKEN: "c0ffee",
      CLOUDFLARE_BASE_URL: `${cloudflare}/client/v4`,
      GITHUB_TOKEN: "ghp_x",
      GITHUB_BASE_URL: `${github}/`,
    };
    this.settle();
    return this;
  }
  #usual: Record<string, string> = {};

  /** Puts everything back to how it should be. */
  settle(): void {
    this.#changes.clear();
    this.log.clear();
    this.env = { ...this.#usual };
    for (const dir of [this.catalogDir, this.backend]) {
      rmSync(dir, { recursive: true, force: true });
      mkdirSync(dir);
    }
    for (const [name, text] of Object.entries(FILES)) this.write(name, text);
    this.write("limits.yaml", readFileSync(join(PROJECT_ROOT, "catalog/limits.yaml"), "utf8"));
    writeFileSync(join(this.dir, "passphrase"), "right\n");
    chmodSync(join(this.dir, "passphrase"), 0o600);
    this.configure(() => {});
  }

  /** Writes a file of the catalog. */
  write(name: string, text: string): void {
    writeFileSync(join(this.catalogDir, name), text);
  }

  /** Writes the configuration file as it should be, changed. It is left alone where that says the same. */
  configure(change: (file: Record<string, unknown>, config: Record<string, unknown>) => void): void {
    const config: Record<string, unknown> = {
      "sitefleet:target": "test",
      "sitefleet:vercelTeam": "acme",
      "sitefleet:cloudflareAccountId": "0123456789abcdef0123456789abcdef",
      "sitefleet:secrets": { SMTP_PASS: { secure: this.#secret } },
    };
    const file: Record<string, unknown> = { encryptionsalt: this.#salt, config };
    change(file, config);
    const text = stringify(file);
    // Deriving the key again costs half a second; it is done when the file has changed.
    if (textOf(this.configFile) !== text) writeFileSync(this.configFile, text);
  }

  /** Changes what a vendor answers. */
  answers(vendor: "vercel" | "cloudflare" | "github", change: Change): void {
    this.#changes.set(vendor, change);
  }

  /** What doctor finds; processes that other runs on this machine have left are not this estate's. */
  async examine(input: { offline?: boolean; only?: string[]; within?: number } = {}): Promise<Examined["lines"]> {
    const estate = { catalogDir: this.catalogDir, configFile: this.configFile, env: this.env };
    const { value } = await perform(doctor, input, { estate });
    return value.lines.filter(({ id }) => id !== "leftovers");
  }

  async close(): Promise<void> {
    for (const one of this.#served) await one.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** An answer of JSON whose body is changed. */
export const edited = async (
  answer: Response,
  edit: (body: Record<string, never>) => void,
  headers: Record<string, string> = {},
): Promise<Response> => {
  const body = (await answer.json()) as Record<string, never>;
  edit(body);
  return Response.json(body, { status: answer.status, headers });
};

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
