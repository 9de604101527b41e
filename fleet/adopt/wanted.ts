import { planRecords } from "../../components/dns/plan.ts";
import { recordOfService } from "../../components/plesk-service/record.ts";
import { randomName } from "../../components/random-name.ts";
import { COMPONENT } from "../../components/tokens.ts";
import { recordsOfZone } from "../../components/wildcard-zone/plan.ts";
import type { CellState, PleskState, SharedState, StackState } from "../../stacks/desired.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import { dnsOf, HOSTING, type Role, SECRETS, typeFor, VENDORS } from "../../vendors/index.ts";
import type { RecordFacts } from "../../vendors/inventory.ts";

interface Common {
  readonly stack: string;
  readonly urn: string;
  /** As people know it: the host of a site's domain, the name of a project, record, zone or secret. */
  readonly name: string;
  /** URNs of what must be in a state before it, or be taken into one with it. @default nothing */
  readonly needs?: readonly string[];
}

/** A resource that the catalog declares, with what tells its object from others. */
export type Wanted = Common &
  (
    | {
        readonly role: "project";
        readonly repository: string;
        readonly rootDirectory: string;
        /** Of its sites; of all of them where it is shared. */
        readonly hosts: readonly string[];
      }
    // `project` is the URN of its project.
    | { readonly role: "site-domain"; readonly project: string }
    | { readonly role: "release"; readonly project: string; readonly commit: string }
    | { readonly role: "zone" }
    // `setting` is the vendor's id of it.
    | { readonly role: "zone-setting"; readonly zone: string; readonly setting: string }
    | ({ readonly role: "record"; readonly zone: string; readonly host: string } & Pick<
        RecordFacts,
        "type" | "content" | "priority"
      >)
    | { readonly role: "environment"; readonly repository: string }
    // `generated`: its value is made by chance, where the configuration has none.
    | { readonly role: "secret"; readonly environment: string; readonly generated: boolean }
    | {
        readonly role: "generated";
        readonly bytes: number;
        readonly encoding: "base64" | "hex";
        /** No rotation has made it: the program takes it from the configuration where that has it. */
        readonly first: boolean;
      }
    // `release` is the digest of the artifact that is to be live.
    | { readonly role: "service"; readonly release: string }
  );

/** The first type of any vendor for a role. */
const typeOf = (role: Role): string => VENDORS.map((vendor) => typeFor(vendor, role)).find((type) => type !== "") ?? "";

const urnIn = (stack: string) => (component: string, type: string, name: string) =>
  `urn:pulumi:${stack}::sitefleet::${component}$${type}::${name}`;

/** URN of a shared project. Pure. */
const sharedProject = (name: string): string =>
  urnIn(SHARED_STACK)(COMPONENT.sharedProject, HOSTING.type("project"), name);

/** The resources of stacks whose objects may exist already. Pure. @param states what each is declared to be */
export function wantedOf(states: ReadonlyMap<string, StackState>): Wanted[] {
  const sharing = new Map<string, string[]>();
  for (const state of states.values()) {
    if (state.kind !== "cell") continue;
    for (const { host, project } of state.sites)
      if (project.kind === "shared") sharing.set(project.name, [...(sharing.get(project.name) ?? []), host]);
  }
  return [...states].flatMap(([stack, state]): Wanted[] => {
    switch (state.kind) {
      case "cell":
        return wantedOfCell(stack, state);
      case "shared":
        return wantedOfShared(stack, state, sharing);
      default:
        return wantedOfServices(stack, state);
    }
  });
}

function wantedOfCell(stack: string, { sites }: CellState): Wanted[] {
  const urn = urnIn(stack);
  return sites.flatMap(({ host, project, commit }): Wanted[] => {
    const own = urn(COMPONENT.site, HOSTING.type("project"), host);
    const domain = urn(COMPONENT.site, HOSTING.type("site-domain"), host);
    if (project.kind === "shared") {
      return [{ role: "site-domain", stack, urn: domain, name: host, project: sharedProject(project.name) }];
    }
    const { name, repository, rootDirectory = "" } = project;
    return [
      { role: "project", stack, urn: own, name, repository, rootDirectory, hosts: [host] },
      { role: "site-domain", stack, urn: domain, name: host, project: own },
      ...releaseOf(stack, urn(COMPONENT.site, HOSTING.type("release"), host), host, own, commit, [domain]),
    ];
  });
}

/** None is declared where the commit is not known. */
const releaseOf = (
  stack: string,
  urn: string,
  name: string,
  project: string,
  commit: string | undefined,
  needs: readonly string[] = [],
): Wanted[] => (commit === undefined ? [] : [{ role: "release", stack, urn, name, project, commit, needs }]);

function wantedOfShared(stack: string, state: SharedState, sharing: ReadonlyMap<string, readonly string[]>): Wanted[] {
  const urn = urnIn(stack);
  const projects = state.projects.flatMap(
    ({ name, repository, rootDirectory = "", commit, wildcardDomains = [] }): Wanted[] => {
      const project = sharedProject(name);
      const release = urn(COMPONENT.sharedProject, HOSTING.type("release"), name);
      const hosts = [...(sharing.get(name) ?? []), ...wildcardDomains];
      return [
        { role: "project", stack, urn: project, name, repository, rootDirectory, hosts },
        ...releaseOf(stack, release, name, project, commit),
        ...wildcardDomains.map((domain): Wanted => {
          const own = urn(COMPONENT.sharedProject, HOSTING.type("site-domain"), domain);
          return { role: "site-domain", stack, urn: own, name: domain, project };
        }),
      ];
    },
  );
  const zones = state.zones.flatMap((zone): Wanted[] => {
    if (zone.mode === "skip") return [];
    const vendor = dnsOf(zone);
    const settings = zone.cdn ? (vendor.settingNames?.(zone.name, zone.cdn) ?? []) : [];
    const own = urn(COMPONENT.zone, vendor.type("zone"), zone.name);
    const needs = zone.mode === "create" ? [own] : [];
    return [
      ...(zone.mode === "create" ? [{ role: "zone" as const, stack, urn: own, name: zone.name }] : []),
      ...settings.map((name): Wanted => {
        const setting = name.slice(name.lastIndexOf("/") + 1);
        const one = urn(COMPONENT.zone, vendor.type("zone-setting"), name);
        return { role: "zone-setting", stack, urn: one, name, zone: zone.name, setting, needs };
      }),
      ...recordsWanted(stack, COMPONENT.zone, zone, recordsOfZone(zone), needs),
    ];
  });
  const { owner, repository, environment, secrets } = state.environment;
  const of = `${owner}/${repository}`;
  const environmentUrn = urn(COMPONENT.environment, typeFor(SECRETS, "environment"), environment);
  return [
    ...projects,
    ...zones,
    {
      role: "environment",
      stack,
      urn: environmentUrn,
      name: environment,
      repository: of,
    },
    ...secrets.flatMap((secret): Wanted[] => {
      const name = `${environment}/${secret.name}`;
      const generated = secret.source === "generated";
      const own = urn(COMPONENT.environment, typeFor(SECRETS, "secret"), name);
      const value = urn(
        COMPONENT.environment,
        typeOf("generated"),
        randomName(name, (generated && secret.generation) || 1),
      );
      const needs = generated ? [environmentUrn, value] : [environmentUrn];
      const wanted: Wanted = { role: "secret", stack, urn: own, name: secret.name, environment, generated, needs };
      if (!generated) return [wanted];
      const { bytes, encoding, generation = 1 } = secret;
      const made: Wanted = {
        role: "generated",
        stack,
        urn: value,
        name: secret.name,
        bytes,
        encoding,
        first: generation === 1,
      };
      return [wanted, made];
    }),
  ];
}

/** What is wanted where the configuration has the values of these generated secrets: no resource makes such a value then. Pure. */
export function withoutGiven(wanted: readonly Wanted[], values: ReadonlySet<string>): Wanted[] {
  const isGiven = (one: Wanted) => one.role === "generated" && one.first && values.has(one.name);
  const given = new Set(wanted.filter(isGiven).map(({ urn }) => urn));
  const left = wanted.filter(({ urn }) => !given.has(urn));
  return left.map((one) => ({ ...one, needs: one.needs?.filter((urn) => !given.has(urn)) }));
}

function wantedOfServices(stack: string, { services }: PleskState): Wanted[] {
  const urn = urnIn(stack);
  return services.flatMap((service): Wanted[] => {
    const { key, zone, dns, artifactDigest } = service;
    const records =
      zone === undefined
        ? []
        : recordsWanted(stack, COMPONENT.service, { name: zone, dns }, [recordOfService(service)]);
    const own = urn(COMPONENT.service, typeOf("service"), key);
    return [...records, { role: "service", stack, urn: own, name: key, release: artifactDigest }];
  });
}

function recordsWanted(
  stack: string,
  component: string,
  zone: { readonly name: string; readonly dns?: string },
  records: Parameters<typeof planRecords>[0],
  needs: readonly string[] = [],
): Wanted[] {
  const type = dnsOf(zone).type("record");
  return planRecords(records).map(({ name, record, after }): Wanted => {
    const { host, type: kind, content, priority } = record;
    return {
      role: "record",
      stack,
      urn: urnIn(stack)(component, type, name),
      name,
      zone: zone.name,
      host,
      type: kind,
      content,
      priority,
      needs: after === undefined ? needs : [...needs, urnIn(stack)(component, type, after)],
    };
  });
}
