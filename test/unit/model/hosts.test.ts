import { expect, test } from "vitest";
import { type Host, overrideHosts, readHostOverrides, requireHostKeys } from "../../../model/index.ts";
import { check, replace } from "./fixture.ts";

// What breaks when these fail: a configuration reaches another host than the one that was meant, or one that nobody has looked at.

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ";
const hosts = (): readonly Host[] => check().catalog?.hosts ?? [];

test("defaults: what a host does not say", () => {
  expect(hosts()).toEqual([
    {
      key: "plesk",
      address: "host.example.org",
      port: 22,
      user: "web01",
      hostKey: [],
      keySecret: "SSH_PRIVATE_KEY",
      root: "/www/htdocs/w01",
      profile: "generic",
      parallel: 8,
      origin: { type: "CNAME", content: "host.example.org" },
      mariadb: { address: "localhost", port: 3306 },
      postgresql: { address: "localhost", port: 5432 },
    },
  ]);
  const { catalog } = check({ "hosts.yaml": replace("user: web01", "user: web01, origin: 203.0.113.7, parallel: 3") });
  expect(catalog?.hosts[0]).toMatchObject({ origin: { type: "A", content: "203.0.113.7" }, parallel: 3 });
  expect(catalog?.services.map(({ server }) => server)).toEqual(["plesk", "plesk"]);
});

test("a configuration overrides how a host is reached, as object or as JSON text, and never raises its limit", () => {
  const value = { plesk: { address: "127.0.0.1", port: 2222, hostKey: KEY, parallel: 50, web: "http://127.0.0.1:80" } };
  for (const given of [value, JSON.stringify(value)]) {
    const [host] = overrideHosts(hosts(), readHostOverrides(given));
    expect(host).toMatchObject({ address: "127.0.0.1", port: 2222, hostKey: [KEY], user: "web01", parallel: 8 });
    expect(host).toMatchObject({ root: "/www/htdocs/w01", web: "http://127.0.0.1:80" });
  }
  expect(overrideHosts(hosts(), readHostOverrides(undefined))).toEqual(hosts());
});

test.each([
  ["a host that the catalog does not have", { plessk: { port: 1 } }],
  ["what lies on a host", { plesk: { root: "/elsewhere" } }],
  ["a key that is none", { plesk: { hostKey: "AAAA" } }],
  ["a text that is no JSON", "plesk"],
  ["a list", []],
])("%s is refused", (_, value) => {
  expect(() => overrideHosts(hosts(), readHostOverrides(value))).toThrow(
    expect.objectContaining({ code: "settings.hosts" }),
  );
});

test("a host without a key is refused with the command that shows it; nothing is invented", () => {
  expect(() => requireHostKeys(hosts())).toThrow(
    expect.objectContaining({
      code: "host.unpinned",
      details: ["plesk: ssh-keyscan -p 22 host.example.org | ssh-keygen -lf -"],
    }),
  );
  requireHostKeys(overrideHosts(hosts(), readHostOverrides({ plesk: { hostKey: KEY } })));
});

test("a service's path is held to the root of its own host", () => {
  const second = "  - { key: far, address: far.example.org, user: u, root: /srv/www }\n";
  const withSecond = (text: string) => `${text}${second}`;
  const at = (path: string) =>
    check({
      "hosts.yaml": withSecond,
      "services.yaml": (text) =>
        `${text}  - { key: x, host: x.example.at, server: far, path: ${path}, kind: static }\n`,
    });
  expect(at("/srv/www/x").lines).toEqual([]);
  expect(at("/www/htdocs/w01/x").lines).toEqual([expect.stringContaining('not inside "/srv/www"')]);
  // The same path on two hosts is two places.
  expect(
    check({
      "hosts.yaml": (text) => `${text}  - { key: far, address: far.example.org, user: u, root: /www }\n`,
      "services.yaml": (text) =>
        `${text}  - { key: x, host: x.example.at, server: far, path: /www/htdocs/w01/example.at/in, kind: static }\n`,
    }).lines,
  ).toEqual([]);
});

test("what a lifted safeguard is for is one release", () => {
  const allow = (text: string) =>
    check({ "services.yaml": (now) => `${now}    allow: [{ safeguard: delete-share, release: ${text} }]\n` });
  expect(allow('"0123456789ab"').lines).toEqual([]);
  expect(allow('"0123"').lines).toHaveLength(1);
  expect(allow("any").lines).toHaveLength(1);
});
