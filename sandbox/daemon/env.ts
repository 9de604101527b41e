import { delimiter, join } from "node:path";
import { environment } from "../../environment/index.ts";
import { PROJECT_ROOT, sandboxPaths } from "../machine/paths.ts";
import { LOOPBACK } from "../machine/ports.ts";
import type { SandboxInfo } from "./info.ts";
import { readSecrets } from "./secrets.ts";

/**
 * Environment in which plain `pulumi` and `sitefleet` work against the sandbox, and against nothing else.
 *
 * @param path the PATH to put the sandbox's programs in front of. @default that of this process
 * @throws ZodError when the sandbox's secrets file is missing
 */
export function sandboxEnv(info: SandboxInfo, path: string = environment().PATH ?? ""): Record<string, string> {
  const paths = sandboxPaths(info.dir);
  const secrets = readSecrets(paths.secrets);
  const standIn = info.plugins === "stand-in";
  return {
    PULUMI_BACKEND_URL: `file://${paths.state}`,
    PULUMI_CONFIG_PASSPHRASE: secrets.passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    SITEFLEET_CONFIG_FILE: paths.config,
    SITEFLEET_TARGET: "sandbox",
    SITEFLEET_SANDBOX_DIR: info.dir,
    SITEFLEET_SANDBOX_CONTROL: url(info, "control"),
    SITEFLEET_SANDBOX_WEB: url(info, "web"),
    VERCEL_API_TOKEN: secrets.vercelToken,
    VERCEL_API_URL: url(info, "vercel"),
    CLOUDFLARE_API_TOKEN: secrets.cloudflareToken,
    CLOUDFLARE_BASE_URL: url(info, "cloudflare"),
    GITHUB_TOKEN: secrets.githubToken,
    GITHUB_BASE_URL: url(info, "github"),
    SLACK_WEBHOOK_URL: url(info, "slack"),
    DISCORD_WEBHOOK_URL: url(info, "discord"),
    SLACK_API_URL: url(info, "slackApi"),
    SLACK_BOT_TOKEN: "xoxb-sandbox",
    NOTIFY_WEBHOOK_URL: url(info, "webhook"),
    NOTIFY_WEBHOOK_SECRET: secrets.webhookSecret,
    SMTP_URL: url(info, "smtp"),
    SITEFLEET_MAILBOX_URL: url(info, "mailbox"),
    ...edge(info),
    ...(standIn ? standInPlugins(info) : realPlugins(info)),
    PATH: programPath(standIn, path),
  };
}

function url(info: SandboxInfo, name: keyof SandboxInfo["urls"]): string {
  return info.urls[name] ?? "";
}

/** Every host of the catalog is found at the sandbox, over TLS as in the world. */
function edge({ ports, edgeCaFile }: SandboxInfo): Record<string, string> {
  if (ports.edge === undefined || ports.edgePlain === undefined || edgeCaFile === undefined) return {};
  const at = (port: number): string => `${LOOPBACK}:${port}`;
  return { SITEFLEET_RESOLVE: `80=${at(ports.edgePlain)},443=${at(ports.edge)}`, SITEFLEET_CA_FILE: edgeCaFile };
}

function standInPlugins(info: SandboxInfo): Record<string, string> {
  const attached = Object.entries(info.providers).map(([name, port]) => `${name}:${port}`);
  return {
    PULUMI_DEBUG_PROVIDERS: attached.join(","),
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/** Upper case only: gRPC in Node would send its own loopback calls through a lower-case proxy variable. */
function realPlugins(info: SandboxInfo): Record<string, string> {
  return {
    SITEFLEET_PLUGINS: "real",
    HTTPS_PROXY: url(info, "proxy"),
    ...(info.caFile === undefined ? {} : { SSL_CERT_FILE: info.caFile }),
  };
}

/** Toolchain first, then the stand-ins' launchers, then this project's Node. Nothing stands twice. */
function programPath(standIn: boolean, path: string): string {
  const first = [
    join(PROJECT_ROOT, ".toolchain/bin"),
    ...(standIn ? [join(PROJECT_ROOT, "sandbox/providers/bin")] : []),
    join(PROJECT_ROOT, "node_modules/.bin"),
  ];
  const rest = path.split(delimiter).filter((entry) => entry !== "" && !first.includes(entry));
  return [...first, ...rest].join(delimiter);
}
