import { z } from "zod";
import { AlertsFile } from "./alerts.ts";
import { ChecksFile } from "./checks.ts";
import { EstateFile } from "./estate.ts";
import { FlowsFile } from "./flows.ts";
import { ApproversFile, GatesFile } from "./gates.ts";
import { HostsFile } from "./hosts.ts";
import { LimitsFile } from "./limits.ts";
import { NotifyFile } from "./notify.ts";
import { PricesFile } from "./prices.ts";
import { QualityFile } from "./quality.ts";
import { ReleasesFile } from "./releases.ts";
import { RolloutFile } from "./rollout.ts";
import { SecretsFile } from "./secrets.ts";
import { ServicesFile } from "./services.ts";
import { SiteRow } from "./sites.ts";
import { ZonesFile } from "./zones.ts";

const FILES = {
  alerts: ["When a person is told that something is wrong", AlertsFile],
  approvers: ["Who may approve changes", ApproversFile],
  checks: ["How deployments, sites and services are checked", ChecksFile],
  estate: ["What holds for an estate as a whole", EstateFile],
  flows: ["What visitors do, and what pages look like", FlowsFile],
  gates: ["Rules that a change must pass", GatesFile],
  hosts: ["SSH hosts that services are deployed to", HostsFile],
  limits: ["Limits of the vendors, with their sources", LimitsFile],
  notify: ["Who is told what, and what is raised as an incident", NotifyFile],
  prices: ["What things cost, with sources and dates", PricesFile],
  quality: ["What must be green before and after a deployment", QualityFile],
  releases: ["Release channels and what they are pinned to", ReleasesFile],
  rollout: ["How a release goes out: waves and limits", RolloutFile],
  secrets: ["Secrets of the GitHub environment and where they come from", SecretsFile],
  services: ["Targets on the hosts", ServicesFile],
  "sites-row": ["One row of sites.csv, by column", SiteRow],
  zones: ["Apex domains, their records and CDN settings", ZonesFile],
} as const;

/** The JSON Schema (2020-12) of every file of the catalog, as text, generated from the shapes that check it. */
export function jsonSchemas(): { name: string; text: string }[] {
  return Object.entries(FILES).map(([name, [title, shape]]) => {
    const schema = z.toJSONSchema(shape, { io: "input", target: "draft-2020-12" });
    return { name: `${name}.schema.json`, text: `${JSON.stringify({ title, ...schema }, null, 2)}\n` };
  });
}
