// The texts that run on somebody's host. Exact, so that a change of a builder shows in review as what the host will run.
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layoutOf } from "../../../plesk/commands/layout.ts";
import { unlockScript } from "../../../plesk/commands/lock.ts";
import { hereDocument, quote } from "../../../plesk/commands/quote.ts";
import { stageScript } from "../../../plesk/commands/release.ts";
import { compareArgs, fileList, parseItemised, uploadArgs } from "../../../plesk/commands/rsync.ts";
import { script } from "../../../plesk/commands/script.ts";

const service = {
  path: "/www/htdocs/w0/subdomains/votes/httpdocs",
  kind: "php",
  shared: ["public/uploads/"],
  webRoot: "public",
} as const;
const layout = layoutOf({ ...service, shared: [...service.shared] });

describe("quote", () => {
  test("gives every shell the very word, whatever it holds", () => {
    const word = fc.string({ unit: "binary", maxLength: 40 }).map((text) => text.replaceAll("\0", ""));
    const words = fc.array(word, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(words, fc.constantFrom("sh", "bash"), (list, shell) => {
        const out = execFileSync(shell, ["-s"], { input: `printf '%s\\0' ${list.map(quote).join(" ")}\n` });
        expect(out.toString("utf8")).toBe(list.map((text) => `${Buffer.from(text).toString("utf8")}\0`).join(""));
      }),
      { numRuns: 30 },
    );
  });

  test.each(["$(touch x)", "`id`", "a'b", "-rf", "a\nb", "*", '"', "\\", "!!", "~root", ""])(
    "hostile word %j",
    (word) => {
      expect(execFileSync("sh", ["-s"], { input: `printf %s ${quote(word)}`, encoding: "utf8" })).toBe(word);
    },
  );

  test("refuses NUL", () => expect(() => quote("a\0b")).toThrow(TypeError));
});

test("a here-document hands over text as it is and cannot be closed by it", () => {
  const text = "a'b\"c$(id)`id`\\\nEOF\n";
  expect(execFileSync("sh", ["-s"], { input: `cat ${hereDocument(text)}\n`, encoding: "utf8" })).toBe(text);
  expect(() => hereDocument("x\nEND\ny", "END")).toThrow(TypeError);
});

test("the layout keeps everything beside the document root, with relative links that a chroot can follow", () => {
  expect(layout).toEqual({
    path: "/www/htdocs/w0/subdomains/votes/httpdocs",
    base: "/www/htdocs/w0/subdomains/votes/httpdocs.sitefleet",
    docrootTarget: "httpdocs.sitefleet/current/public",
    webRoot: "public",
    shared: [{ path: "public/uploads", directory: true, target: "../../../shared/public/uploads" }],
    panel: [".well-known/acme-challenge", ".well-known/pki-validation"].map((path) => ({
      path: `public/${path}`,
      directory: true,
      target: `../../../../shared/public/${path}`,
    })),
  });
});

describe("script", () => {
  const shells = ["sh", "bash", "dash"];

  test("is exactly this", () => {
    expect(script(layout, "BODY")).toMatchInlineSnapshot(`
      "LC_ALL=C; export LC_ALL
      umask 022
      say() { printf 'sitefleet:%s\\n' "$*"; }
      fail() { say "fail $*"; exit 99; }
      process_field() { ( read -r stat </proc/"$1"/stat && stat=\${stat##*) } && set -- "$2" $stat && shift "$1" && printf '%s' "$1" ) 2>/dev/null || :; }
      group() { g=$(process_field "$$" 3); printf '%s' "\${g:-$$}"; }
      release_of() { ( b=$(cd -P -- "$B/releases" 2>/dev/null && pwd -P) && cd -P -- "$1" 2>/dev/null && r=$(pwd -P) && case $r in "$b"/*) r=\${r#"$b"/}; printf '%s' "\${r%%/*}";; esac ) || :; }
      P='/www/htdocs/w0/subdomains/votes/httpdocs'
      B='/www/htdocs/w0/subdomains/votes/httpdocs.sitefleet'
      sitefleet() {
      set -eu
      BODY
      say done
      }
      ( sitefleet ) </dev/null
      c=$?
      [ "$c" -ne 255 ] || c=254
      exit "$c"
      "
    `);
    expect(
      unlockScript(layout, "t0").split("set -eu\n")[1]?.replaceAll("[0-9a-f]".repeat(32), "GLOB"),
    ).toMatchInlineSnapshot(`
      "for f in "$B"/lock/*.'t0'; do
        if [ -e "$f" ]; then
          for d in "$P" "$B"/releases/*/'public'; do
        for r in "$d"/sitefleet-reset-GLOB.php; do if [ -f "$r" ]; then rm -f "$r" || :; fi; done
      done
          rm -f "$f"; rmdir "$B/lock"
        fi
      done
      say done
      }
      ( sitefleet ) </dev/null
      c=$?
      [ "$c" -ne 255 ] || c=254
      exit "$c"
      "
    `);
    expect(stageScript(layout, "t0", "f".repeat(64), true).split("set -eu\n")[1]).toMatchInlineSnapshot(`
      "for look in 1 2 3; do set -- "$B"/lock/*.'t0'; if [ -e "$1" ]; then break; fi; done
      [ -e "$1" ] || fail lock-lost
      [ "$(release_of "$B/current")" != 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' ] || fail live
      { rm -f "$B"/state/'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'.manifest "$B"/state/'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'.good && mkdir -p "$B/trash" && { [ ! -e "$B"/releases/'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' ] || mv "$B"/releases/'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' "$B"/trash/'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff.t0'; }; } || fail not-removed
      mkdir -p "$B"/incoming/'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff.t0'
      say done
      }
      ( sitefleet ) </dev/null
      c=$?
      [ "$c" -ne 255 ] || c=254
      exit "$c"
      "
    `);
  });

  test.each(shells)("cut off anywhere, %s runs nothing of it", (shell) => {
    const whole = script(layout, "echo ran");
    const cuts = Array.from({ length: 24 }, (_, index) =>
      Math.floor((index / 24) * (whole.lastIndexOf("( sitefleet )") + 5)),
    );
    for (const cut of cuts) {
      let out: string;
      try {
        out = execFileSync(shell, ["-s"], {
          input: whole.slice(0, cut),
          encoding: "utf8",
          stdio: ["pipe", "pipe", "ignore"],
        });
      } catch (error) {
        out = (error as { stdout: string }).stdout;
      }
      expect(out).not.toContain("ran");
    }
  });

  test.each(shells)("%s stops at the first failing command and says so by its exit code, never by 255", (shell) => {
    const run = (body: string): { status: number; stdout: string } => {
      try {
        return { status: 0, stdout: execFileSync(shell, ["-s"], { input: script(layout, body), encoding: "utf8" }) };
      } catch (error) {
        return error as { status: number; stdout: string };
      }
    };
    expect(run("say fine")).toEqual({ status: 0, stdout: "sitefleet:fine\nsitefleet:done\n" });
    expect(run("false\nsay never")).toMatchObject({ status: 1, stdout: "" });
    expect(run("exit 255")).toMatchObject({ status: 254 });
    expect(run("fail lock-lost")).toMatchObject({ status: 99, stdout: "sitefleet:fail lock-lost\n" });
    expect(run("cat; say not-eaten")).toEqual({ status: 0, stdout: "sitefleet:not-eaten\nsitefleet:done\n" });
  });
});

describe("rsync", () => {
  test("arguments are exactly these; nothing of a service but its paths, and none of its files' names", () => {
    expect(
      uploadArgs({ sshConfig: "/tmp/s/config", from: "/art", to: "/base/incoming/x", copyDests: ["/base/releases/y"] }),
    ).toMatchInlineSnapshot(`
      [
        "--links",
        "--checksum",
        "--compress",
        "--perms",
        "--chmod=Dug-s,D-t,D=rwx,Dgo=rx,Fug-s,F-t,Fu=rwX,Fgo=rX",
        "--secluded-args",
        "--8-bit-output",
        "--no-human-readable",
        "--out-format=%i|%l|%n",
        "--timeout=60",
        "--from0",
        "--files-from=-",
        "--copy-dest=/base/releases/y",
        "--rsh=ssh -F '/tmp/s/config'",
        "--",
        "/art/",
        "target:/base/incoming/x/",
      ]
    `);
    const compared = compareArgs({ sshConfig: "/tmp/s/config", from: "/art", to: "/base/releases/x" });
    expect(compared[0]).toBe("--dry-run");
    expect(compared.join(" ")).not.toContain("--delete");
  });

  test("the list of files is parsed by nobody", () => {
    const entries = [
      { kind: "file", path: "-rf", mode: 0o644, size: 0, sha256: "" },
      { kind: "file", path: "a\nb", mode: 0o644, size: 0, sha256: "" },
    ] as const;
    expect(fileList(entries)).toBe("./-rf\0./a\nb\0");
  });

  test.each([
    ["<f+++++++++|12|a|b.txt", { kind: "file", created: true, content: true, bytes: 12, path: "a|b.txt" }],
    ["<fcs.......|7|index.html", { kind: "file", created: false, content: true, bytes: 7, path: "index.html" }],
    [".f...p.....|7|mode", { kind: "file", created: false, content: false, path: "mode" }],
    ["cd+++++++++|4096|dir/", { kind: "dir", created: true, path: "dir" }],
    ["cL+++++++++|3|link", { kind: "link", created: true, content: true, path: "link" }],
    ["<f+++++++++|1|new\\#012line", { path: "new\nline" }],
  ])("reads %j", (line, expected) => expect(parseItemised(line)).toMatchObject(expected));

  test.each(["", "Welcome to the host", "rsync: warning", "<f+++++++++|x|y"])("ignores %j", (line) =>
    expect(parseItemised(line)).toBeUndefined(),
  );
});
