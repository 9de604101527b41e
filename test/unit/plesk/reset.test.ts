// The script that makes PHP forget old code. What would break: strangers could reset the cache or learn the release, a hostile web root
// would leave the release, a leftover would pass for a file of the application, or an old answer for the new one.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { layoutOf } from "../../../plesk/commands/layout.ts";
import { unlockScript } from "../../../plesk/commands/lock.ts";
import {
  isResetPath,
  placeResetBody,
  type Reset,
  removeResetsBody,
  resetName,
  resetPhp,
  resetScript,
} from "../../../plesk/commands/reset.ts";
import { switchScript } from "../../../plesk/commands/switch.ts";
import { healthSchema } from "../../../plesk/input.ts";
import { CodeCheck } from "../../../plesk/transaction/code-check.ts";
import { untilHealthy } from "../../../plesk/transaction/health.ts";
import { tempDir } from "./support/temp.ts";

const reset: Reset = { name: resetName("0a".repeat(16)), key: "k".repeat(32) };
const id = "f".repeat(64);
const journal = { phase: "switching", next: id, back: "", snapshot: "" } as const;

describe("the builders", () => {
  const layout = layoutOf({ path: "/www/votes/httpdocs", kind: "php", webRoot: "public", shared: [] });

  test("say exactly this", () => {
    expect(placeResetBody(layout, reset, id)).toMatchInlineSnapshot(`
      "for d in "$P" "$B"/releases/*/'public'; do
        [ -d "$d" ] || continue
        if ! { cat >"$d"/'sitefleet-reset-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.php'; } 2>/dev/null <<'SITEFLEET_PHP'
      <?php
      header('Cache-Control: no-store');
      header('Content-Type: text/plain');
      if (!hash_equals('5e318f8cf9cbe249a30812b8ca132d691ded7a91991413558db5758575f5e01f', hash('sha256', $_SERVER['HTTP_X_SITEFLEET_RESET'] ?? ''))) {
          http_response_code(404);
          exit;
      }
      $state = 'look';
      if (isset($_GET['reset'])) {
          if (!extension_loaded('Zend OPcache') || !filter_var(ini_get('opcache.enable'), FILTER_VALIDATE_BOOLEAN)) {
              $state = 'off';
          } else {
              $state = function_exists('opcache_reset') && @opcache_reset() ? 'reset' : 'refused';
          }
      }
      clearstatcache(true);
      echo 'sitefleet-code ', basename(dirname(__DIR__)), ' ', $state, "\\n";
      SITEFLEET_PHP
        then rm -f "$d"/'sitefleet-reset-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.php'; fi
      done
      [ -f "$B"/releases/'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'/'public'/'sitefleet-reset-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a.php' ] || fail reset-not-placed"
    `);
    expect(removeResetsBody(layout)).toBe(
      [
        `for d in "$P" "$B"/releases/*/'public'; do`,
        `  for r in "$d"/sitefleet-reset-${"[0-9a-f]".repeat(32)}.php; do if [ -f "$r" ]; then rm -f "$r" || :; fi; done`,
        "done",
      ].join("\n"),
    );
  });

  test("place the script before anything is switched, and only when there is one", () => {
    const text = switchScript(layout, "t0", { id, now: 1, journal, reset });
    expect(text.indexOf(reset.name)).toBeLessThan(text.indexOf("mv -T"));
    expect(switchScript(layout, "t0", { id, now: 1, journal })).not.toContain("sitefleet-reset");
  });

  test("never carry the key itself", () => {
    expect(switchScript(layout, "t0", { id, now: 1, journal, reset })).not.toContain(reset.key);
  });
});

test.each([
  ["", reset.name, true],
  ["public", `public/${reset.name}`, true],
  ["public", reset.name, false],
  ["", `sub/${reset.name}`, false],
  ["", "sitefleet-reset-x.php", false],
  ["", `${reset.name}.bak`, false],
])("in the web root %j the path %j is a script of ours: %j", (webRoot, path, expected) => {
  expect(isResetPath(webRoot, path)).toBe(expected);
});

describe("on a host", () => {
  const token = "t0";
  /** A service with two releases; the web root has a name that a shell would take apart. */
  function host(webRoot: string) {
    const path = join(tempDir("reset-"), "it's $(touch x) httpdocs");
    const layout = layoutOf({ path, kind: "php", webRoot, shared: [] });
    const roots = ["a", "b"].map((release) => join(layout.base, "releases", release.repeat(64), webRoot));
    for (const root of roots) mkdirSync(root, { recursive: true });
    mkdirSync(join(layout.base, "lock"));
    writeFileSync(join(layout.base, `lock/9.${token}`), "");
    symlinkSync(`releases/${"a".repeat(64)}`, join(layout.base, "current"));
    symlinkSync(layout.docrootTarget, path);
    return { layout, roots, lock: join(layout.base, "lock") };
  }
  const sh = (input: string) => execFileSync("sh", ["-s"], { input, encoding: "utf8" });

  test.each(["", "we'b $(id)/public"])(
    "is in every web root (%j) while it is needed and gone with the lock, with what killed runs left",
    (webRoot) => {
      const { layout, roots, lock } = host(webRoot);
      expect(sh(resetScript(layout, token, reset, "b".repeat(64)))).toBe("sitefleet:done\n");
      for (const root of roots) {
        expect(readFileSync(join(root, reset.name), "utf8")).toBe(resetPhp(webRoot, reset));
        writeFileSync(join(root, resetName("b".repeat(32))), "left");
        writeFileSync(join(root, "sitefleet-reset-mine.php"), "the application's");
      }
      // Whoever lost the lock must not take away what the holder needs.
      sh(unlockScript(layout, "other"));
      expect(readdirSync(roots[0]!)).toContain(reset.name);
      sh(unlockScript(layout, token));
      for (const root of roots) expect(readdirSync(root)).toEqual(["sitefleet-reset-mine.php"]);
      expect(existsSync(lock)).toBe(false);
    },
  );

  test("a release that must have it and cannot stops the run", () => {
    const { layout } = host("");
    const said = (() => {
      try {
        return sh(resetScript(layout, token, reset, "c".repeat(64)));
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    })();
    expect(said).toContain("fail reset-not-placed");
  });
});

describe.skipIf(!existsSync("/usr/bin/php"))("PHP", () => {
  const ask = (webRoot: string, server: Record<string, string>, get: Record<string, string>): string => {
    const dir = join(tempDir("resetphp-"), "releases", id, webRoot);
    mkdirSync(dir, { recursive: true });
    const file = join(dir, reset.name);
    writeFileSync(file, resetPhp(webRoot, reset));
    const set = (name: string, values: Record<string, string>) =>
      Object.entries(values)
        .map(([key, value]) => `${name}['${key}'] = '${value}';`)
        .join("");
    const code = `${set("$_SERVER", server)}${set("$_GET", get)}require $argv[1];`;
    return execFileSync("/usr/bin/php", ["-d", "opcache.enable_cli=0", "-d", "opcache.enable=0", "-r", code, file], {
      encoding: "utf8",
    });
  };
  test.each(["", "public", "a/b"])("names the release by its own directory (web root %j)", (webRoot) => {
    expect(ask(webRoot, { HTTP_X_SITEFLEET_RESET: reset.key }, {})).toBe(`sitefleet-code ${id} look\n`);
    expect(ask(webRoot, { HTTP_X_SITEFLEET_RESET: reset.key }, { reset: "" })).toBe(`sitefleet-code ${id} off\n`);
  });
  test.each<Record<string, string>>([{}, { HTTP_X_SITEFLEET_RESET: "" }, { HTTP_X_SITEFLEET_RESET: "0a".repeat(16) }])(
    "tells nothing to whoever has the key not: %j",
    (server) => expect(ask("", server, { reset: "" })).toBe(""),
  );
});

describe("the check", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());
  /** A server that answers with what PHP would have said. */
  async function serve(answer: RequestListener) {
    server = createServer(answer);
    await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return healthSchema.parse({ url: `http://127.0.0.1:${port}/`, withinSeconds: 0.9 });
  }
  const old = "e".repeat(64);

  test("resets first, then believes only several answers of the new release", async () => {
    const asked: string[] = [];
    const health = await serve((request, response) => {
      const forget = request.url === `/${reset.name}?reset`;
      if (request.url?.startsWith(`/${reset.name}`)) {
        expect(request.headers["x-sitefleet-reset"]).toBe(reset.key);
        asked.push(forget ? "reset" : "look");
        response.end(`sitefleet-code ${forget ? old : id} ${forget ? "reset" : "look"}\n`);
      } else response.end("page");
    });
    expect(await untilHealthy(health, id, reset)).toEqual([]);
    expect(asked).toEqual(["reset", "look", "look", "look", "look"]);
  });

  test.each([
    ["goes on with the old release", `sitefleet-code ${old} reset\n`, 200, /runs release eeeeeeeeeeee in PHP/],
    ["may not be reset", `sitefleet-code ${id} refused\n`, 200, /opcache_reset\(\) is not allowed/],
    ["does not find the script where it still looks", "", 500, /answers 500 when PHP is asked/],
  ])("fails a release when PHP %s", async (_what, body, status, message) => {
    const health = await serve((request, response) => {
      response.statusCode = request.url === "/" ? 200 : status;
      response.end(body);
    });
    await expect(untilHealthy(health, id, reset)).rejects.toMatchObject({
      code: "plesk.unhealthy",
      message: expect.stringMatching(message),
    });
  });

  test.each([
    [404, "no"],
    [403, "no"],
    [301, ""],
    [200, "<html>the application's front page"],
    [501, "no PHP"],
  ])(
    "leaves it to the other checks, with a warning, where %i keeps the script from being reached",
    async (status, body) => {
      const health = await serve((request, response) => {
        response.statusCode = request.url === "/" ? 200 : status;
        response.end(request.url === "/" ? "page" : body);
      });
      expect(await untilHealthy(health, id, reset)).toEqual([expect.stringContaining(`(${status})`)]);
    },
  );

  test("one refusal is not taken for all, and none counts after an answer", async () => {
    let count = 0;
    const health = await serve((_request, response) => {
      count += 1;
      if (count === 1 || count === 4) {
        response.statusCode = 404;
        response.end();
      } else response.end(`sitefleet-code ${id} look\n`);
    });
    const check = new CodeCheck(health, reset, id);
    expect(await check.complaint(undefined)).toContain("404");
    expect(await check.complaint(undefined)).toContain("404");
    expect(check.unconfirmed).toEqual([]);
    expect(await check.complaint(undefined)).toBeUndefined();
  });

  test("an application that names its release in a header has to name the new one", async () => {
    const health = await serve((request, response) => {
      response.statusCode = request.url === "/" ? 200 : 404;
      response.setHeader("x-sitefleet-release", old);
      response.end();
    });
    await expect(untilHealthy(health, id, reset)).rejects.toMatchObject({ code: "plesk.unhealthy" });
  });
});
