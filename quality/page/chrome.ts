import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { browserArguments, findBrowser } from "../../flows/browser.ts";
import { Unusable } from "../source/read.ts";

/** Time for a browser to start, ms. */
const START_MS = 20_000;

/** A browser that is led over its debugging port. */
export interface Chrome {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts a Chromium of its own profile whose debugging port is on loopback.
 *
 * @throws Unusable where there is none, or it does not start
 */
export async function startChrome(env: NodeJS.ProcessEnv): Promise<Chrome> {
  const file = findBrowser(env);
  if (file === undefined)
    throw new Unusable("this machine has no Chromium: apt-get install chromium, or SITEFLEET_BROWSER");
  const profile = mkdtempSync(join(tmpdir(), "sitefleet-chrome-"));
  // As chrome-launcher starts it for Lighthouse: nothing of the browser's own work beside the page.
  const flags = [
    "--headless=new",
    "--remote-debugging-port=0",
    // It ends when the other side of its pipe does: also where this process is killed.
    "--remote-debugging-pipe",
    `--user-data-dir=${profile}`,
    "--disable-extensions",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--mute-audio",
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ...browserArguments(env),
    "about:blank",
  ];
  const child = spawn(file, flags, {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    detached: true,
    env: { HOME: profile, PATH: env.PATH },
  });
  const gone = new Promise<void>((done) => {
    child.once("close", () => done());
    child.once("error", () => done());
  });
  const close = async () => {
    end(child);
    await gone;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    const port = await portIn(join(profile, "DevToolsActivePort"), child);
    return { port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function end(child: ChildProcess): void {
  try {
    process.kill(-(child.pid as number), "SIGKILL");
  } catch {
    // It has ended already.
  }
}

async function portIn(file: string, child: ChildProcess): Promise<number> {
  for (const until = Date.now() + START_MS; Date.now() < until && child.exitCode === null; ) {
    const port = existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : 0;
    if (port > 0) return port;
    await sleep(50);
  }
  throw new Unusable("Chromium does not start");
}
