// What would break: a directory with blanks or quotes would stop sshd or run something else; several users could log in.
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bubblewrapArguments, enterScript, quote } from "../../../../sandbox/ssh/enter.ts";
import { DEFAULT_PROFILE } from "../../../../sandbox/ssh/index.ts";
import { checkRoot } from "../../../../sandbox/ssh/isolation.ts";
import { publicPart } from "../../../../sandbox/ssh/keys.ts";
import { sshdConfig } from "../../../../sandbox/ssh/sshd-config.ts";

describe("sshdConfig", () => {
  const lines = sshdConfig({ folder: "/tmp/a b/ssh", port: 40022, login: "me", marker: "/tmp/a b" }).split("\n");

  it("listens on loopback only, for one user with one key", () => {
    expect(lines).toEqual(expect.arrayContaining(["Port 40022", "ListenAddress 127.0.0.1", "AllowUsers me"]));
    expect(lines).toEqual(expect.arrayContaining(["AuthenticationMethods publickey", "PasswordAuthentication no"]));
  });

  it("leads every command into the host's tree, with paths quoted", () => {
    expect(lines).toContain("ForceCommand '/tmp/a b/ssh/enter'");
    expect(lines).toContain('HostKey "/tmp/a b/ssh/host_key"');
    expect(lines).toContain('SetEnv SITEFLEET_HOST_SESSION="/tmp/a b" SHLVL=1 ZDOTDIR=/nonexistent');
  });

  it("refuses no more and no fewer connections than Debian's server", () => {
    expect(lines).toContain("MaxStartups 10:30:100");
    expect(lines).toContain("AcceptEnv LANG LC_*");
  });
});

describe("enterScript", () => {
  it("hands the command to bash as it came, and a login shell when there is none", () => {
    const script = enterScript("user", "/tmp/a b/host", DEFAULT_PROFILE);
    expect(script).toContain("--bind '/tmp/a b/host/www' /www");
    expect(script).toContain('/bin/bash -c "$SSH_ORIGINAL_COMMAND"');
    expect(script.trimEnd().endsWith("/bin/bash -l")).toBe(true);
  });

  it("without namespaces only changes the directory", () => {
    const script = enterScript("link", "/tmp/host", DEFAULT_PROFILE);
    expect(script).toContain("cd /www/htdocs/w01234567 || exit 1");
    expect(script).not.toContain("bwrap");
  });

  it("replaces the machine's /var where the account lies below it", () => {
    const args = bubblewrapArguments("user", "/tmp/host", { ...DEFAULT_PROFILE, root: "/var/www/vhosts/example.org" });
    const text = args.join(" ");
    expect(text).not.toContain("--ro-bind-try /var /var");
    expect(text).toContain("--bind /tmp/host/var /var");
  });
});

describe("checkRoot", () => {
  it.each(["/www/htdocs/w1", "/home/account", "/var/www/vhosts/example.org"])("takes %s", (root) => {
    expect(() => checkRoot({ ...DEFAULT_PROFILE, root })).not.toThrow();
  });
  it.each(["/usr/share/www", "/www", "www/a", "/etc/x", "/www/../etc", "/"])("refuses %s", (root) => {
    expect(() => checkRoot({ ...DEFAULT_PROFILE, root })).toThrow(
      expect.objectContaining({ code: "sandbox.ssh.root" }),
    );
  });
});

describe("quote", () => {
  it("gives a real shell every word back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (raw) => {
        const word = raw.replaceAll("\0", "");
        return execFileSync("/bin/sh", ["-c", `printf %s ${quote(word)}`], { encoding: "utf8" }) === word;
      }),
      { numRuns: 40 },
    );
  });
});

describe("publicPart", () => {
  it("drops the comment", () => expect(publicPart("ssh-ed25519 AAAA some comment\n")).toBe("ssh-ed25519 AAAA"));
});
