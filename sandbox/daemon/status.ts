import { z } from "zod";
import { accepts, getJson, greetsSsh } from "../machine/health.ts";
import { sandboxDir, sandboxPaths } from "../machine/paths.ts";
import { PART_NAMES, type PartFacts, type PartName, readInfo, type SandboxInfo } from "./info.ts";
import { type PartRecord, readPart } from "./parts.ts";
import { isAlive } from "./processes.ts";

/** One process of the sandbox as it is now. */
interface PartStatus {
  /** `dead`: it was started and is gone, or is there and does not answer; `stopped`: not started. */
  readonly state: "healthy" | "dead" | "stopped";
  readonly pid?: number;
  readonly ports?: Readonly<Record<string, number>>;
}

/** A sandbox as it is now. */
export interface SandboxStatus {
  readonly dir: string;
  /** All parts that were started are healthy. */
  readonly running: boolean;
  readonly parts: Readonly<Record<PartName, PartStatus>>;
  /** Objects by vendor and kind; missing when the cloud process does not answer. */
  readonly counts?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Addresses and ports; missing when nothing was started. */
  readonly info?: SandboxInfo;
}

const healthSchema = z.object({ counts: z.record(z.string(), z.record(z.string(), z.number())) });

/** What runs, what does not, and how much there is. Starts and changes nothing. @throws SitefleetError `sandbox.dir` */
export async function sandboxStatus(options: { readonly dir?: string } = {}): Promise<SandboxStatus> {
  const dir = sandboxDir(options.dir);
  const paths = sandboxPaths(dir);
  const info = readInfo(dir);
  const checked = await Promise.all(PART_NAMES.map((name) => check(name, readPart(paths, name))));
  const parts = Object.fromEntries(PART_NAMES.map((name, index) => [name, checked[index]])) as SandboxStatus["parts"];
  const needed = PART_NAMES.filter((name) => isNeeded(name, info));
  const health =
    info === undefined ? undefined : healthSchema.safeParse(await getJson(`${info.urls.control}/health`)).data;
  return {
    dir,
    running: info !== undefined && needed.every((name) => parts[name].state === "healthy"),
    parts,
    ...(health === undefined ? {} : { counts: health.counts }),
    ...(info === undefined ? {} : { info }),
  };
}

/** Whether a sandbox has the part at all. */
function isNeeded(name: PartName, info: SandboxInfo | undefined): boolean {
  if (name === "providers") return info?.plugins !== "real";
  return (name !== "mariadb" && name !== "postgresql") || info?.ports[name] !== undefined;
}

async function check<Name extends PartName>(name: Name, record: PartRecord<Name> | undefined): Promise<PartStatus> {
  if (record === undefined) return { state: "stopped" };
  const { pid } = record.identity;
  const ports = record.facts === undefined ? {} : portsOf(record.facts);
  const healthy = isAlive(record.identity) && record.facts !== undefined && (await answers(name, ports));
  return { state: healthy ? "healthy" : "dead", pid, ports };
}

function portsOf(facts: PartFacts[PartName]): Record<string, number> {
  if ("hostKey" in facts) return { ssh: facts.port };
  if ("port" in facts) return { port: facts.port };
  const named = Object.entries(facts.ports).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return Object.fromEntries(named.map(([key, port]) => [key, port]));
}

async function answers(name: PartName, ports: Readonly<Record<string, number>>): Promise<boolean> {
  if (name === "cloud") return (await getJson(`http://127.0.0.1:${ports.control}/health`)) !== undefined;
  if (name === "sshd") return greetsSsh(ports.ssh ?? 0);
  return (await Promise.all(Object.values(ports).map((port) => accepts(port)))).every(Boolean);
}
