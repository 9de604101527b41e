import { SAY } from "../commands/script.ts";
import { PROFILE, type ProfileName } from "../host/profile.ts";
import type { Said } from "./session.ts";

/** What an account was found to be able to do. */
export interface Probe {
  /** `bash 5.2…` or `sh`. */
  readonly shell: string;
  readonly user: string | undefined;
  readonly tools: ReadonlySet<string>;
  /** May the directories beside the document root be made? */
  readonly writable: boolean;
  /** Do document root and the directory above lie on one file system? Undefined when unknown or not asked. */
  readonly sameFileSystem: boolean | undefined;
  /** Free bytes for the account; undefined without `df`. */
  readonly freeBytes: number | undefined;
  /** Used by all accounts in the same place. */
  readonly usedBytes: number | undefined;
}

/** Something that the host cannot do for a service. */
export interface Unfit {
  readonly what: string;
  readonly reason: string;
  readonly wayOut: string;
}

/** Reads what `probeBody` reported. */
export function parseProbe(said: Said): Probe {
  const all = (word: string): string[] =>
    said.filter((line) => line.startsWith(`${SAY}${word} `)).map((line) => line.slice(SAY.length + word.length + 1));
  const bytes = (word: string) => {
    const kilobytes = Number(all(word)[0]);
    return Number.isFinite(kilobytes) ? kilobytes * 1024 : undefined;
  };
  const same = all("probe-same-fs")[0];
  return {
    shell: all("probe-shell")[0] ?? "sh",
    user: all("probe-user")[0],
    tools: new Set(all("tool")),
    writable: all("probe-writable")[0] === "yes",
    sameFileSystem: same === undefined ? undefined : same === "yes",
    freeBytes: bytes("probe-free"),
    usedBytes: bytes("probe-used"),
  };
}

/** What a service needs of its host. */
export interface Needs {
  /** Programs, each with who needs it, e.g. `{ drush: "database updates" }`. Alternatives are separated by `|`. */
  readonly programs: Readonly<Record<string, string>>;
  /** Size of the artifact in bytes. */
  readonly bytes: number;
}

/** Share of the artifact's size that must be free beside it: unchanged files are links, new ones lie there once. */
const AIR = 1.1;

/** Everything that stands in the way of deploying a service to an account; empty when it is fit. Pure. */
export function unfit(profileName: ProfileName, probe: Probe, needs: Needs): Unfit[] {
  const profile = PROFILE[profileName];
  const found: Unfit[] = [];
  for (const [alternatives, who] of Object.entries(needs.programs)) {
    const names = alternatives.split("|");
    const usable = names.filter((name) => profile.denies[name] === undefined);
    if (usable.some((name) => probe.tools.has(name))) continue;
    const denied = names.map((name) => profile.denies[name]).find((reason) => reason !== undefined);
    const reason = usable.length === 0 && denied !== undefined ? denied : "it is not on the account's PATH";
    found.push({ what: `${names.join(" or ")} (for ${who})`, reason, wayOut: profile.wayOut });
  }
  if (!probe.writable) {
    const wayOut = "let the account own the directory that holds the document root, or correct `path`";
    found.push({ what: "a directory beside the document root", reason: "the account may not write there", wayOut });
  }
  if (probe.sameFileSystem === false) {
    const reason = "the document root is a file system of its own, so it cannot be switched by renaming";
    found.push({
      what: "an atomic switch",
      reason,
      wayOut: "point the web server at a directory of the account's file system",
    });
  }
  if (probe.freeBytes !== undefined && probe.freeBytes < needs.bytes * AIR) {
    const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
    found.push({
      what: `${mib(needs.bytes * AIR)} of disk`,
      reason: `only ${mib(probe.freeBytes)} are free`,
      wayOut: "keep fewer releases (`keep`), or enlarge the quota",
    });
  }
  return found;
}
