/**
 * Every rule of the catalog by its id, with one sentence each. `docs/reference/catalog.md` explains them; a test keeps the two
 * together. Ids are an interface: they are printed, and people search for them.
 */
export const RULES = {
  "file.missing": "every file of the catalog exists and can be read",
  "file.encoding": "files are UTF-8 (a BOM and CRLF line ends are accepted)",
  "file.empty": "a file has content, and no row is commas alone",
  "file.syntax": "YAML and CSV can be parsed",
  "file.duplicate-key": "no key stands twice in one mapping",
  "file.alias": "YAML aliases are not used",
  "file.unknown-key": "only known keys and columns",
  "file.column":
    "a CSV file is separated by commas, has each column once, and each row as many values as there are columns",
  "file.value": "required values are there and have the right type, form and range",

  "name.host": "host names are valid DNS names, lower case; IDN may be written in Unicode",
  "name.unique-host": "no two sites or services share a host name",

  "zone.unique": "a zone is declared once",
  "zone.registrable": "a zone is a registrable domain (by the public suffix list)",
  "zone.zone-id": "a zone that is created has no id yet, no two zones have one id, and the id has its vendor's form",
  "zone.wildcard-kind": "a zone of kind wildcard points its wildcard at Vercel",
  "zone.catch-all": "a zone of kind wildcard has a catchAll project, and no other has one",
  "zone.delegation": "only zones of kind wildcard are delegated; a delegated zone has no records here",
  "zone.cdn": "CDN settings belong to zones whose wildcard does not point at Vercel",
  "zone.dns": "a zone's DNS vendor is one that there is; only one with a CDN has cdn and proxied records",
  "zone.record-limit": "a zone has no more records than its plan allows",

  "record.name": "a record's name is relative to the zone and valid",
  "record.content": "a record's content fits its type",
  "record.ttl": "ttl is 1 (automatic) or 60 to 86400 s, 30 on an Enterprise zone",
  "record.proxied": "only A, AAAA and CNAME are proxied, with ttl 1",
  "record.priority": "MX has a priority, nothing else has one",
  "record.duplicate": "no record stands twice, in whatever spelling",
  "record.set-size": "the records of one name and type have at most 8192 characters together",
  "record.cname": "a CNAME is alone at its name (at the apex: without A and AAAA)",
  "record.hides-wildcard": "no record or service hides a wildcard from a site",
  "record.reserved": "names that the zone's own wildcard or delegation uses are not declared again",

  "site.zone": "a site's zone is declared",
  "site.dns": "a site's host is covered by a wildcard or a record",
  "site.one-label": "in a zone of kind wildcard a site is exactly one label below the zone",
  "site.channel": "a release channel that is used is declared",
  "site.tags": "tags are well formed and not repeated",
  "site.canary": "no more canary sites than allowed",
  "site.project-name": "Vercel project names are unique",
  "site.shared": "sites that share a project agree on framework and channel",
  "site.repository-spelling": "a repository is spelled in one way",
  "site.repository-links": "no more projects linked to a repository than Vercel allows",
  "site.project-domains": "no more domains in a shared project than Vercel allows",

  "release.commit": "a release is a full commit id, not a branch or tag",
  "release.repository": "a repository with a pin of its own is used by a site, and pinned once a channel",

  "host.unique": "a host's key is its own",
  "host.address": "addresses are host names or IP addresses",
  "host.root": "a host's root is absolute and normalised",
  "host.parallel": "no more services at a time than the host's SSH server takes",

  "service.unique":
    "a service's key, path and database are its own; one name with the locations `plesk` and `external` is refused, since both may be the same server",
  "service.zone": "a service's host is in a declared zone that is not delegated",
  "service.path": "a service's path is absolute, normalised and inside the host's root",
  "service.nested":
    "no service's path lies inside another's, or where that one keeps its releases and data (`<path>.sitefleet`)",
  "service.certificate": "a proxied host is covered by the zone's certificate",
  "service.exclude": "exclude patterns are plain relative patterns",
  "service.artifact": "an artifact is a relative directory",
  "service.server": "a service's host is declared",
  "service.shared":
    "shared paths are plain relative paths, hold nothing that each release needs of its own (web root, release marker), lie in no other, and none puts .env into the document root",
  "service.commands": "a service's commands have names of their own, and only one with a database migrates",
  "service.after": "a service comes after services that there are, never after itself by any way",
  "service.build": "a build names its source without credentials, and gets no variable that the build sets itself",

  "secret.name": "secret names are valid on GitHub and unique",
  "secret.count": "no more secrets in an environment than GitHub allows",
  "secret.size": "no secret larger than GitHub allows",
  "secret.source": "fields fit the source; what is secret has no value in the catalog",
  "secret.rotation": "a rotation is of a random value, and names the value before or after the current one, not both",
  "secret.database": "every database has its two secrets, and every database secret its database",

  "limit.unique": "a limit is given once a plan",
  "limit.required": "limits that rules need are given",

  "check.unknown": "zones, sites and services that have checks of their own are declared",
  "check.vantage": "a vantage has a name of its own, and an address or a proxy, not both",

  "price.unique": "a price is given once for a region, plan and date, or is marked as disputed with the source of each",
  "price.rate": "every currency of a price has dated rates to the account's, one a day",
  "price.account": "the account's tier and extras have prices, and tiers grow",

  "rollout.waves":
    "waves have names of their own, grow, and the last one reaches everything; the canary cell comes first",
  "rollout.services": "the services' wave follows one that there is",

  "flow.unique": "flows and compared pages have names of their own",
  "flow.service": "flows, compared pages and staging addresses are about declared services",
  "flow.steps": "a flow begins at a page",
  "flow.mailbox": "a flow that waits for a mail needs a mailbox",
  "flow.page": "a compared page names a flow of the same file",

  "notify.receiver": "a receiver of messages has a name of its own and one way in",
  "alert.rule": "an alert's rule is one that Prometheus and `sitefleet watch` judge alike, and has a name of its own",
  "gate.window": "a deployment window has a length",
  "gate.freeze": "a freeze ends on the day it begins or later",
  "gate.approver": "an approver has a key or a GitHub id, and shares name, address, key and id with no other",
  "quality.repository": "a repository that is checked has a key of its own, and what its checks need",
  "quality.service": "what quality.yaml says of a service is of one that there is",
  "quality.osv": "the audit of dependencies has the records that it goes by",
  "gate.approvals": "a rule asks for no more approvals than approvers of its area can give",
} as const;

/** Id of a rule. */
export type RuleId = keyof typeof RULES;
