/**
 * Pulumi type tokens of the components. They are part of every URN in every state, so they stay as they were first written,
 * whichever vendor a zone is at now: renaming one needs an alias.
 */
export const COMPONENT = {
  site: "sitefleet:vercel:Site",
  sharedProject: "sitefleet:vercel:SharedProject",
  zone: "sitefleet:cloudflare:WildcardZone",
  environment: "sitefleet:github:Environment",
  service: "sitefleet:plesk:Service",
} as const;
