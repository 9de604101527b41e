import { LOOPBACK } from "../machine/ports.ts";
import type { PartFacts, SandboxInfo } from "./info.ts";

/** Addresses that clients are given, by what they lead to. */
export function urlsOf(ports: PartFacts["cloud"]["ports"]): SandboxInfo["urls"] {
  const base = (port: number): string => `http://${LOOPBACK}:${port}`;
  return {
    control: base(ports.control),
    vercel: base(ports.vercel),
    cloudflare: `${base(ports.cloudflare)}/client/v4`,
    // The GitHub provider takes a foreign host for an Enterprise server and puts /api/v3 behind this.
    github: `${base(ports.github)}/`,
    web: base(ports.web),
    slack: `${base(ports.chat)}/services/T00000000/B00000000/sandbox`,
    discord: `${base(ports.chat)}/api/webhooks/1000000000000000000/sandbox`,
    slackApi: `${base(ports.chat)}/api`,
    webhook: `${base(ports.chat)}/hooks/sitefleet`,
    mailbox: `${base(ports.chat)}/mailpit`,
    ...(ports.smtp === undefined ? {} : { smtp: `smtp://${LOOPBACK}:${ports.smtp}` }),
    ...(ports.proxy === undefined ? {} : { proxy: base(ports.proxy) }),
  };
}
