import { expect, test } from "vitest";
import { append, check, replace } from "./fixture.ts";

// Breaks when one mistake hides another: people would fix, run, and find the next.
test("ten different mistakes in six files are all reported, each with file, line, field and what is allowed", () => {
  const { catalog, lines } = check({
    "zones.yaml": (text) =>
      [
        replace("kind: wildcard", "kind: wild"),
        replace("ttl: 300", "ttl: 300, proxied: true"),
        replace("cdn: {}", "cdn: {}\n    colour: red"),
      ].reduce((changed, change) => change(changed), text),
    "sites.csv": append(
      "Quiz,qmoney.de,own,acme/sites,,,stable,\nquiz,qmoney.de,own,acme/more,,,stable,\na,b\nx,qmoney.de,own,acme/x,,,main,\n",
    ),
    "services.yaml": replace("/www/htdocs/w01/subdomains/crm/httpdocs", "/www/htdocs/w01/example.at/../crm"),
    "releases.yaml": replace('"0123456789abcdef0123456789abcdef01234567"', "main"),
    "secrets.yaml": append("  - { name: GITHUB_TOKEN, source: config }\n"),
  });
  expect(catalog).toBeUndefined();
  expect(lines).toEqual([
    'releases.yaml:3: channels.stable.ref: "main" is not valid, a full commit id of 40 hex digits in quotes: a branch or tag would never be deployed again once it moves [release.commit]',
    'secrets.yaml:8: secrets[4].name: "GITHUB_TOKEN" is no name for a secret, A-Z, 0-9 and _, not beginning with a digit or GITHUB_ [secret.name]',
    'services.yaml:10: services[1].path: "/www/htdocs/w01/example.at/../crm" is not normalised, a path without //, ., .. or / at the end [service.path]',
    'sites.csv:6: name: "Quiz" has upper case, lower case only: "quiz" [name.host]',
    'sites.csv:7: name: "quiz.qmoney.de" is taken by sites.csv:2, a host of its own [name.unique-host]',
    "sites.csv:8: row: has 2 values, 8, as many as columns [file.column]",
    'sites.csv:9: channel: "main" is not declared, one of stable [site.channel]',
    'zones.yaml:5: zones[1].kind: "wild" is not allowed, one of cname, wildcard [file.value]',
    "zones.yaml:16: zones[2].colour: is not known here, a key of docs/reference/catalog.md [file.unknown-key]",
    "zones.yaml:19: zones[2].records[1].proxied: is proxied with ttl 300, ttl 1 on proxied records [record.proxied]",
  ]);
});
