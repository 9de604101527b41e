/**
 * What a resource type is to the estate. All that is done alike with every vendor's types of a role is decided by the role: the
 * order of changes in a review, what is counted before a run, which resource says what is live.
 *
 * - `project`, `site-domain`, `release`, `deployment`, `variable`: of a site, at the vendor that hosts it
 * - `zone`, `zone-setting`, `record`: of DNS; `domain-name`: another type that decides where a name leads
 * - `edge`: another type of a vendor that stands in front of sites
 * - `environment`, `secret`: where jobs get their secrets from; `generated`: a value that was made by chance
 * - `service`: what is deployed to a host of our own
 */
export type Role =
  | "project"
  | "site-domain"
  | "release"
  | "deployment"
  | "variable"
  | "zone"
  | "zone-setting"
  | "record"
  | "domain-name"
  | "edge"
  | "environment"
  | "secret"
  | "generated"
  | "service";
