import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { describe, expect, it } from "vitest";
import { takeAway, tryFlow } from "../../../flows/try.ts";
import type { Left } from "../../../flows/types.ts";
import { prepareVideo } from "../../../flows/video.ts";
import type { Flow } from "../../../model/index.ts";
import { LeftBook } from "../../../operations/flows/left.ts";
import { tempDir } from "../plesk/support/temp.ts";

// Breaks when the test user of a run that was killed stays for ever, or when one of a run that goes on is taken away.

const user = { run: "r1", mail: "flow-r1@example.org", name: "Flow", password: "p" };
const flow: Flow = {
  key: "mail",
  title: "",
  service: "crm",
  safe: false,
  steps: [{ open: "/one" }, { open: "/two" }],
  cleanup: [{ open: "/erase" }],
};

/** A browser that writes down what it does. `hangs`: this path is never there; `refuses`: this one answers 500. */
function fakeBrowser(log: string[], { hangs, refuses }: { hangs?: string; refuses?: string } = {}): Browser {
  const page = {
    goto: (url: string) => {
      const { pathname } = new URL(url);
      log.push(`open ${pathname}`);
      if (pathname === hangs) return new Promise(() => {});
      return Promise.resolve({ status: () => (pathname === refuses ? 500 : 200) });
    },
    url: () => "http://crm/",
    screenshot: () => Promise.reject(new Error("none")),
  };
  const context = (session: unknown) => ({
    tracing: { start: async () => {}, stop: () => Promise.reject(new Error("none")) },
    newPage: async () => page,
    storageState: async () => ({ cookies: [{ name: `after ${log.at(-1)}` }], origins: [] }),
    close: async () => void log.push(`closed${session === undefined ? "" : ` ${JSON.stringify(session)}`}`),
  });
  return { newContext: async ({ storageState }: { storageState?: unknown }) => context(storageState) } as never;
}

/** A try with that browser: what happened in which order. */
async function tried(does: Parameters<typeof fakeBrowser>[1] = {}, stopped?: AbortSignal) {
  const log: string[] = [];
  const result = await tryFlow(flow, {
    browser: fakeBrowser(log, does),
    user,
    origin: "http://crm",
    hosts: new Set(),
    timeout: 1000,
    evidence: tempDir("sitefleet-left-"),
    signal: stopped,
    keep: ({ session }) => void log.push(`kept ${session?.cookies[0]?.name ?? "nothing yet"}`),
    forget: () => void log.push("forgotten"),
  });
  return { result, log };
}

describe("a try", () => {
  it("keeps what it may leave before it does anything and after each step, until that was taken away", async () => {
    const { result, log } = await tried();
    expect(result.ok).toBe(true);
    expect(log).toEqual([
      "kept nothing yet",
      "open /one",
      "kept after open /one",
      "open /two",
      "kept after open /two",
      "open /erase",
      "forgotten",
      "closed",
    ]);
  });

  it("that cannot take away what it left keeps it for a later run", async () => {
    const { result, log } = await tried({ refuses: "/erase" });
    expect([result.ok, log.includes("forgotten")]).toEqual([false, false]);
  });

  it("that is stopped within a step takes away what it left at once", async () => {
    const abort = new AbortController();
    const going = tried({ hangs: "/two" }, abort.signal);
    setTimeout(() => abort.abort(), 20);
    const { result, log } = await going;
    expect(result.reason).toContain("it was stopped");
    expect(log.slice(-4)).toEqual(["open /two", "open /erase", "forgotten", "closed"]);
  });
});

describe("a video", () => {
  const filmed = async (refuses?: string) => {
    const evidence = join(tempDir("sitefleet-video-"), "mail-2");
    const browser = fakeBrowser([], { refuses });
    const newContext = (options: { recordVideo: { dir: string } }) => {
      mkdirSync(options.recordVideo.dir, { recursive: true });
      writeFileSync(join(options.recordVideo.dir, "page@1.webm"), "film");
      return browser.newContext({});
    };
    const place = { user, origin: "http://crm", hosts: new Set<string>(), timeout: 1000, evidence, video: true };
    const tried = await tryFlow(flow, { ...place, browser: { newContext } as never });
    return { tried, files: existsSync(evidence) ? readdirSync(evidence) : [], evidence };
  };

  it("of a failure is evidence, and of what passed nothing stays", async () => {
    const { tried, files, evidence } = await filmed("/two");
    expect([tried.evidence, files]).toEqual([[join(evidence, "video.webm")], ["video.webm"]]);
    const good = await filmed();
    expect([good.tried.ok, good.tried.evidence, good.files]).toEqual([true, [], []]);
  });

  it("is made with an ffmpeg of PATH that can, and with no other", () => {
    const dir = tempDir("sitefleet-video-");
    const PATH = join(dir, "bin");
    const before = process.env.PLAYWRIGHT_BROWSERS_PATH;
    mkdirSync(PATH);
    const can = () => prepareVideo(join(dir, "link"), { PATH });
    const ffmpeg = (says: string) => writeFileSync(join(PATH, "ffmpeg"), `#!/bin/sh\necho ${says}\n`, { mode: 0o755 });
    try {
      expect(can()).toBe(false);
      ffmpeg("V mjpeg");
      expect(can()).toBe(false);
      ffmpeg("V libvpx");
      expect([can(), can()]).toEqual([true, true]);
      const [name = ""] = readdirSync(join(dir, "link"));
      expect(name).toMatch(/^ffmpeg-\d+$/);
      expect(readlinkSync(join(dir, "link", name, "ffmpeg-linux"))).toBe(join(PATH, "ffmpeg"));
    } finally {
      if (before === undefined) delete process.env.PLAYWRIGHT_BROWSERS_PATH;
      else process.env.PLAYWRIGHT_BROWSERS_PATH = before;
    }
  });
});

describe("what was left", () => {
  const session = { cookies: [], origins: [] };
  const left: Left = { flow: "mail", origin: "http://crm", user, session };
  /** A process number that no process has any more. */
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;

  /** A book in which a process that has ended has kept something. */
  function book(pid: number = gone) {
    const dir = tempDir("sitefleet-left-");
    const kept = new LeftBook(dir);
    kept.keep("r1", left);
    const file = join(dir, "r1.json");
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), pid }));
    return { kept, dir, file };
  }

  it("is taken away once by the next run, in its session, and is for this user's eyes alone", async () => {
    const { kept, dir, file } = book();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const log: string[] = [];
    const place = { browser: fakeBrowser(log), hosts: new Set<string>(), timeout: 1000 };
    const take = (one: Flow, of: Left) => takeAway(one, of, place);
    expect(await kept.clean([flow], take)).toEqual([{ flow: "mail", mail: user.mail, reason: null }]);
    expect(log).toEqual(["open /erase", `closed ${JSON.stringify(session)}`]);
    expect([readdirSync(dir), await kept.clean([flow], take)]).toEqual([[], []]);
  });

  it("by a process that goes on, or on another machine, is left to it", async () => {
    const mine = book(process.pid);
    const other = book();
    writeFileSync(other.file, JSON.stringify({ ...JSON.parse(readFileSync(other.file, "utf8")), host: "elsewhere" }));
    const never = () => Promise.reject(new Error("it is not ours"));
    expect([await mine.kept.clean([flow], never), await other.kept.clean([flow], never)]).toEqual([[], []]);
    expect(readdirSync(mine.dir)).toEqual(["r1.json"]);
  });

  it("that cannot be taken away is told three times, and of a flow that is gone once", async () => {
    const { kept } = book();
    const reasons: (string | null | undefined)[] = [];
    for (let at = 0; at < 4; at++) reasons.push((await kept.clean([flow], async () => "no"))[0]?.reason);
    expect(reasons).toEqual(["no", "no", "no; it is not tried again", undefined]);
    const other = book().kept;
    expect((await other.clean([], async () => undefined))[0]?.reason).toContain("declares this flow no more");
    expect(await other.clean([], async () => undefined)).toEqual([]);
  });
});
