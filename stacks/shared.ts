import * as pulumi from "@pulumi/pulumi";
import { GithubEnvironment } from "../components/github-environment/github-environment.ts";
import type { SecretSource } from "../components/github-environment/plan.ts";
import { SharedProject } from "../components/shared-project/shared-project.ts";
import { skewProtectionIn } from "../components/vercel-site/project-plan.ts";
import { WildcardZone } from "../components/wildcard-zone/wildcard-zone.ts";
import { DEFAULT_DNS } from "../model/dns-vendors.ts";
import type { Declared, Part } from "./declared.ts";
import type { SharedState } from "./desired.ts";
import { ownOutputs } from "./own-outputs.ts";
import { makeProviders, OpenDns } from "./providers.ts";
import { type KeptRotations, neverBack } from "./rotations.ts";
import { readSettings } from "./settings.ts";

/** The program of the shared stack: zones, shared projects, the GitHub environment with its secrets. */
export async function sharedProgram(state: SharedState, part?: Part): Promise<Declared> {
  const fromConfig = state.environment.secrets.flatMap((secret) =>
    secret.source === "config" && secret.value === undefined ? [secret.name] : [],
  );
  const newZonesAt = state.zones.flatMap(({ mode, dns = DEFAULT_DNS }) => (mode === "create" ? [dns] : []));
  const settings = readSettings({ kind: "shared", newZonesAt, secrets: fromConfig });
  const dns = await OpenDns.open(state.zones, settings);
  const names = ["vercel", "sitefleet", ...dns.providers, "github", "random"];
  const providers = await makeProviders(settings, names, { owner: state.environment.owner });

  const projects: Record<string, pulumi.Output<string>> = {};
  const skewProtection = skewProtectionIn(settings.values);
  const verified: pulumi.Output<boolean>[] = [];
  for (const { name, ...spec } of state.projects) {
    const project = new SharedProject(name, { name, ...spec, skewProtection, verify: !part?.adopting }, { providers });
    projects[name] = project.projectId;
    verified.push(project.verified);
  }
  const zones: Record<string, pulumi.Output<string>> = {};
  for (const zone of state.zones) {
    const made = new WildcardZone(zone.name, { ...zone, vendor: dns.of(zone) }, { providers });
    if (made.zoneId) zones[zone.name] = made.zoneId;
  }
  const complete = pulumi.all(verified).apply((all) => all.every((one) => one));
  const { repository, environment } = state.environment;
  const stands = neverBack(state.environment.secrets, await keptRotations());
  if (stands.held.length > 0) {
    const says =
      "secrets.yaml names an earlier value than the one in use, which stays: take the file of the last rotation";
    void pulumi.log.warn(`${stands.held.join(", ")}: ${says}`);
  }
  const secrets = Object.fromEntries(
    stands.secrets.map((secret): [string, SecretSource] => {
      if (secret.source === "generated") {
        const { source: _, name, ...source } = secret;
        // A value that was imported stands in the place of the first one that would be made.
        const first = settings.configured.has(name) ? settings.secrets.apply((all) => all[name] as string) : undefined;
        return [name, { kind: "generated", ...source, first }];
      }
      const { value: fallback = "" } = secret;
      const configured = settings.secrets.apply((all) => all[secret.name] ?? fallback);
      const value = secret.source === "fixed" ? secret.value : configured;
      return [secret.name, { kind: "given", value }];
    }),
  );
  const made = new GithubEnvironment(environment, { repository, environment, secrets }, { providers });
  const rotated = Object.keys(stands.rotations).length > 0 ? { rotations: stands.rotations } : {};
  const rotating = Object.keys(made.otherValues).length > 0 ? { otherSecrets: pulumi.secret(made.otherValues) } : {};
  return {
    outputs: { projects, zones, secrets: pulumi.secret(made.secretValues), ...rotated, ...rotating },
    shared: {},
    complete,
  };
}

/** Which values were in use after the last update. */
async function keptRotations(): Promise<KeptRotations> {
  return (await ownOutputs<{ readonly rotations: KeptRotations }>()).rotations ?? {};
}
