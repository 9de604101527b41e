import { mapOf, type Resource, type Rule, SECRET } from "./resource.ts";

const PROJECT = "vercel:index/project:Project";
const ZONE = "cloudflare:index/zone:Zone";
/** A component of ours, `components/tokens.ts`. */
const SHARED = "sitefleet:vercel:SharedProject";
const SERVICE = "sitefleet:plesk:Service";

/** What takes many sites down with it is not deleted by a declaration alone. */
export const protectedThings: Rule = {
  id: "protected",
  description: "Zones, and projects that more than one site shares outside of our component, are protected.",
  instead: "add the resource option `protect: true`",
  check({ type, protect, parent, props }) {
    if (protect) return [];
    if (type === ZONE) return ["the zone is not protected: every name in it would go with it"];
    // The preflight counts and refuses deletes of the component's projects (docs/reference/preflight.md).
    return type === PROJECT && parent !== SHARED && isShared(props)
      ? ["the project serves several sites and is not protected"]
      : [];
  },
};

/** Our shared projects are named `shared-…` (`sharedProjectName` of the catalog). */
const isShared = ({ name }: Resource["props"]): boolean => typeof name === "string" && /^shared[-_]/.test(name);

/** Who may see what is not live yet. */
export const privatePreviews: Rule = {
  id: "private-previews",
  description: "Previews of sites with the tag `private` are not public.",
  instead: "leave `protection` at standard_protection_new, or take the tag away",
  check({ type, props }, { privateProjects }) {
    if (type !== PROJECT || !privateProjects.has(String(props.name))) return [];
    const { deploymentType } = mapOf(props, "vercelAuthentication");
    return typeof deploymentType === "string" && deploymentType !== "none"
      ? []
      : [`previews of ${String(props.name)} would be public`];
  },
};

/**
 * What Vercel bills a project and month, or by use beside the plan, USD. https://vercel.com/docs/pricing and
 * https://vercel.com/docs/plans/pro-plan, November 2026.
 */
const PAID_SETTINGS: Readonly<Record<string, string>> = {
  passwordProtection: "password protection is part of an add-on at $150 a month",
  trustedIps: "trusted IPs are part of the Enterprise plan",
  onDemandConcurrentBuilds: "builds at once beyond the plan are billed by the CPU minute",
  protectedSourcemaps: "it is part of an add-on",
};
const PAID_TYPES: Readonly<Record<string, string>> = {
  "vercel:index/network:Network": "static addresses cost $100 a project and month",
  "vercel:index/microfrontendGroup:MicrofrontendGroup": "microfrontends cost $250 a project and month",
  "vercel:index/logDrain:LogDrain": "drains cost $0.50 a GB",
  "vercel:index/traceDrain:TraceDrain": "drains cost $0.50 a GB",
  "vercel:index/attackChallengeMode:AttackChallengeMode": "challenged visitors are billed as requests",
};
const PAID_MACHINES: ReadonlySet<unknown> = new Set(["enhanced", "turbo"]);

/** A switch that costs $10 a project costs $15,000 a month over 1500 sites. */
export const paidSetting: Rule = {
  id: "paid-setting",
  description: "Settings that cost money for each project are switched on only with an approval.",
  instead: "leave it off, or add `NAME/SETTING` to the approved ones in the policy pack's configuration",
  check({ type, name, props }, { approved }) {
    const found: [string, string][] = [];
    const ofType = PAID_TYPES[type];
    if (ofType !== undefined) found.push([type.split(":").at(-1) ?? type, ofType]);
    if (type === PROJECT) {
      for (const [setting, why] of Object.entries(PAID_SETTINGS)) if (isOn(props[setting])) found.push([setting, why]);
      const machine = props.buildMachineType ?? mapOf(props, "resourceConfig").buildMachineType;
      if (PAID_MACHINES.has(machine))
        found.push(["buildMachineType", `a build machine ${machine} is billed by the CPU minute`]);
    }
    return found
      .filter(([setting]) => !approved.has(`${name}/${setting}`))
      .map(([setting, why]) => `${setting}: ${why}`);
  },
};

const isOn = (value: unknown): boolean => value !== undefined && value !== null && value !== false && value !== "";

const COMMAND = /^command:(local|remote):/;

/** A command that the engine runs has the driver's checks only when it is the driver. */
export const ownCommands: Rule = {
  id: "own-commands",
  description: "The engine runs no command but the driver of a service.",
  instead: "declare a service in catalog/services.yaml; its steps are `commands` there",
  check({ type, parent, props }) {
    if (!COMMAND.test(type)) return [];
    const programs = [props.create, props.update, props.delete].filter((value) => value !== undefined);
    const ours = programs.every((value) => typeof value === "string" && /^node plesk\/main\.ts [a-z-]+$/.test(value));
    return type === "command:local:Command" && parent === SERVICE && ours && programs.length > 0
      ? []
      : ["this command is not the driver's: nothing locks, checks or takes it back"];
  },
};

/** Options of ssh that trust any host. */
const TRUSTS_ALL = /StrictHostKeyChecking[= ]+(no|off|accept-new)|UserKnownHostsFile[= ]+\/dev\/null/i;

/** A machine that answers at an address need not be the host. */
export const pinnedHostKey: Rule = {
  id: "pinned-host-key",
  description: "Every connection over SSH names the host's public key.",
  instead: "write the key into `connection.hostKey`; `ssh-keyscan` shows it, the host's administrator confirms it",
  check({ type, props }) {
    if (!COMMAND.test(type)) return [];
    const texts = [props.create, props.update, props.delete].filter((value) => typeof value === "string");
    if (texts.some((text) => TRUSTS_ALL.test(text))) return ["the command trusts any host"];
    if (!type.startsWith("command:remote:") || props.connection === SECRET) return [];
    const { hostKey } = mapOf(props, "connection");
    return hostKey === undefined || hostKey === "" ? ["the connection takes any host key"] : [];
  },
};

/** Positions, chance, times and what a program failed to read: such a name changes although the thing is the same. */
const UNSTABLE: readonly (readonly [RegExp, string])[] = [
  [/(^|[-_/])\d{1,3}$|\[\d+\]/, "has a position in a list"],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i, "has a random id"],
  [/-(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7}$/, "ends as a random suffix does"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d|(^|[-_])1\d{9,12}$/, "has a time"],
  [/\bundefined\b|\bNaN\b|\[object /, "has a value that was not there"],
];

/** A logical name is an interface: with another one the engine deletes the thing and makes a new one. */
export const stableName: Rule = {
  id: "stable-name",
  description: "Logical names say what a thing is: no position, no chance, no time. Projects have a name of their own.",
  instead: "name it by its host, key or content; an alias keeps what is there",
  check({ type, name, props }) {
    const wrong = UNSTABLE.filter(([form]) => form.test(name)).map(([, why]) => `the logical name ${why}`);
    const auto = type === PROJECT && (props.name === undefined || props.name === "");
    return auto ? [...wrong, "the project has no name: the provider would make one with a random suffix"] : wrong;
  },
};
