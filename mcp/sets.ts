/** The roles that agents have: each with the tools that it needs and no other. */
export const SETS = ["orchestrator", "bulk", "domains", "cost"] as const;
/** See {@link SETS}. */
export type ToolSet = (typeof SETS)[number];

/** What each role is for, in a line. */
export const ROLES: Readonly<Record<ToolSet, string>> = {
  orchestrator:
    "master coordination: looks at everything, proposes changes of the catalog, asks for approvals, and carries out what a person has signed",
  bulk: "deployment of many sites: analyses, plans, rolls out in waves and back, and watches",
  domains:
    "mapping of domains: DNS, zones, what is live otherwise than declared; proposes changes of zones.yaml and sites.csv",
  cost: "optimisation of cost: estimate, charges, forecast, spikes, advice; proposes changes of sites.csv, and carries nothing out",
};

/**
 * Files of the catalog that each role may propose to change. Never among them is what says who approves and what is asked, whose key a host
 * has, where messages go, and what secrets there are.
 */
export const EDITABLE: Readonly<Record<ToolSet, readonly string[]>> = {
  orchestrator: [
    "sites.csv",
    "zones.yaml",
    "releases.yaml",
    "services.yaml",
    "checks.yaml",
    "rollout.yaml",
    "prices.yaml",
  ],
  bulk: ["releases.yaml", "rollout.yaml"],
  domains: ["zones.yaml", "sites.csv"],
  cost: ["sites.csv"],
};
