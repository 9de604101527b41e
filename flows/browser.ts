import { createHash, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Browser } from "playwright-core";
import { addressFor, parseAddress } from "../checks/probe/address.ts";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** The Chromium of this machine: SITEFLEET_BROWSER, else the first on PATH. Undefined where there is none. */
export function findBrowser(env: NodeJS.ProcessEnv = environment()): string | undefined {
  if (env.SITEFLEET_BROWSER) return existsSync(env.SITEFLEET_BROWSER) ? env.SITEFLEET_BROWSER : undefined;
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const name of NAMES) for (const folder of folders) if (existsSync(join(folder, name))) return join(folder, name);
  return undefined;
}

/**
 * Arguments that lead a browser where SITEFLEET_RESOLVE leads checks, and let it trust the keys of SITEFLEET_CA_FILE and no other
 * that is not trusted. Pure but for that file.
 *
 * @throws SitefleetError `health.address`, `health.ca`
 */
export function browserArguments(env: NodeJS.ProcessEnv = environment()): string[] {
  const args: string[] = [];
  if (env.SITEFLEET_RESOLVE) {
    const override = parseAddress(env.SITEFLEET_RESOLVE, "SITEFLEET_RESOLVE");
    const rules = [80, 443].flatMap((port) => {
      const to = addressFor(override, port);
      if (to === undefined) return [];
      const host = to.host.includes(":") ? `[${to.host}]` : to.host;
      return [`MAP *:${port} ${host}:${to.port ?? port}`];
    });
    args.push(`--host-resolver-rules=${rules.join(",")}`);
  }
  if (env.SITEFLEET_CA_FILE)
    args.push(`--ignore-certificate-errors-spki-list=${keysOf(env.SITEFLEET_CA_FILE).join(",")}`);
  return args;
}

/** The keys of a file with certificates, as Chromium names them: SHA-256 of the public key, base64. */
function keysOf(file: string): string[] {
  try {
    const blocks =
      readFileSync(file, "utf8").match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
    return blocks.map((block) => {
      const key = new X509Certificate(block).publicKey.export({ type: "spki", format: "der" });
      return createHash("sha256").update(key).digest("base64");
    });
  } catch (error) {
    throw new SitefleetError({
      code: "health.ca",
      message: "the certificates cannot be read",
      subject: file,
      details: [(error as Error).message],
    });
  }
}

/**
 * Starts the machine's Chromium. Its caller closes it.
 *
 * @throws SitefleetError `browser.missing`, `browser.start`
 */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined)
    throw new SitefleetError({
      code: "browser.missing",
      message: "this machine has no Chromium",
      hint: "as root: apt-get install -y --no-install-recommends chromium; or name another with SITEFLEET_BROWSER",
    });
  try {
    const { chromium } = await import("playwright-core");
    // Root has no user namespaces for the browser's own sandbox to stand in; it visits pages of this estate alone.
    const root = process.getuid?.() === 0;
    const args = [...browserArguments(), "--disable-dev-shm-usage", "--disable-gpu"];
    return await chromium.launch({
      executablePath,
      args,
      chromiumSandbox: !root,
      handleSIGINT: false,
      handleSIGTERM: false,
    });
  } catch (error) {
    if (error instanceof SitefleetError) throw error;
    throw new SitefleetError({
      code: "browser.start",
      message: "Chromium does not start",
      subject: executablePath,
      details: (error as Error).message.split("\n").slice(0, 5),
    });
  }
}
