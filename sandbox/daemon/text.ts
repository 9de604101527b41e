import { join } from "node:path";
import { quote } from "../ssh/index.ts";
import { PART_NAMES, type SandboxInfo } from "./info.ts";
import type { SandboxStatus } from "./status.ts";

/** Lines that tell people where the sandbox is. */
export function infoLines(info: SandboxInfo): string[] {
  const { urls, ssh } = info;
  return [
    `Sandbox in ${info.dir}`,
    `  web         ${urls.web}  (overview; hosts as http://HOST.localhost:${info.ports.web}/)`,
    `  control     ${urls.control}`,
    `  vercel      ${urls.vercel}`,
    `  cloudflare  ${urls.cloudflare}`,
    `  github      ${urls.github}`,
    `  ssh         ssh -F ${quote(join(info.dir, "ssh/config"))} sandbox  (port ${ssh.port})`,
    `  plugins     ${info.plugins}`,
  ];
}

/** Lines that tell people what runs and how much there is. */
export function statusLines(status: SandboxStatus): string[] {
  const parts = PART_NAMES.map((name) => {
    const { state, pid, ports } = status.parts[name];
    const open = Object.entries(ports ?? {}).map(([what, port]) => `${what} ${port}`);
    return `  ${name.padEnd(12)}${state.padEnd(9)}${pid === undefined ? "" : `pid ${pid}  `}${open.join(", ")}`.trimEnd();
  });
  const counts = Object.entries(status.counts ?? {}).flatMap(([vendor, kinds]) => {
    const some = Object.entries(kinds).filter(([, count]) => count > 0);
    return some.length === 0
      ? []
      : [`  ${vendor.padEnd(11)}${some.map(([kind, count]) => `${count} ${kind}`).join(", ")}`];
  });
  return [
    `Sandbox in ${status.dir}: ${status.running ? "running" : "not running"}`,
    ...parts,
    ...(counts.length === 0 ? [] : ["Objects", ...counts]),
  ];
}

/** `export NAME=value` lines for a POSIX shell. */
export function exportLines(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}`);
}
