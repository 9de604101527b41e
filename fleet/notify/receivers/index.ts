import type { NotifyReceiver } from "../../../model/index.ts";
import type { Env, Receiver } from "./types.ts";

export type { Delivery, Env, Receiver } from "./types.ts";

/** The variables of a receiver that must have a value. Pure. */
export function variablesOf(config: NotifyReceiver): string[] {
  const named: Readonly<Record<NotifyReceiver["kind"], readonly string[]>> = {
    slack: ["webhook", "token", "api"],
    discord: ["webhook"],
    mail: ["server"],
    webhook: ["url", "secret"],
    issue: ["token"],
  };
  const fields = config as unknown as Readonly<Record<string, string | undefined>>;
  return named[config.kind].flatMap((field) => fields[field] ?? []);
}

/** Makes the receiver of a declaration; only its own client is loaded. */
export async function makeReceiver(config: NotifyReceiver, env: Env): Promise<Receiver> {
  switch (config.kind) {
    case "slack":
      return (await import("./slack.ts")).slack(config, env);
    case "discord":
      return (await import("./discord.ts")).discord(config, env);
    case "mail":
      return (await import("./mail.ts")).mail(config, env);
    case "webhook":
      return (await import("./webhook.ts")).webhook(config, env);
    case "issue":
      return (await import("./issue.ts")).issue(config, env);
  }
}
