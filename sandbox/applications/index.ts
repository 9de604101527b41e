/**
 * Programs of services, in place of those that the repositories build: accounts, donations, tickets and the like, with sessions, rows in
 * the service's own database and mails. A release says in `application.json` which of them it is, so that one that is deployed is
 * answered by it, and one that was rolled back is not.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Hono } from "hono";
import { createTransport } from "nodemailer";
import { z } from "zod";
import type { ServerLogin } from "../databases/index.ts";
import type { Applications } from "../web/index.ts";
import type { Application, Place } from "./application.ts";
import { consent } from "./consent.ts";
import { openDatabase } from "./database.ts";
import { crm, games, newsletter, support } from "./entries.ts";
import { idp } from "./idp.ts";

const PROGRAMS = { idp, crm, games, support, newsletter, consent } satisfies Record<string, Application>;

/** `application.json` in the root of a release. `broken`: functions that this release gets wrong, for trying out what finds them. */
const manifestSchema = z.object({
  application: z.enum(Object.keys(PROGRAMS) as [keyof typeof PROGRAMS]),
  broken: z.array(z.string()).default([]),
});

/** What the programs work with. */
export interface ApplicationParts {
  readonly servers: readonly ServerLogin[];
  /** Port of the mail server. */
  readonly smtpPort: number;
}

/** Makes the programs. */
export function createApplications({ servers, smtpPort }: ApplicationParts): Applications {
  const transport = createTransport({ host: "127.0.0.1", port: smtpPort, secure: false, ignoreTLS: true });
  const made = new Map<string, Hono<{ Bindings: Place }>>();
  return {
    async answer(service, root, request) {
      const manifest = manifestOf(root);
      const server = servers.find(({ engine }) => engine === service.database?.engine);
      if (manifest === undefined || service.database === undefined || server === undefined) return undefined;
      const { application, broken } = manifest;
      const program: Application = PROGRAMS[application];
      let app = made.get(`${service.key} ${application}`);
      if (app === undefined) {
        app = new Hono<{ Bindings: Place }>();
        app.notFound(() => new Response(null, { status: 404, headers: { "x-sandbox-none": "1" } }));
        program.routes(app as unknown as Hono, (context) => context.env as unknown as Place);
        made.set(`${service.key} ${application}`, app);
      }
      const { name, user } = service.database;
      const place: Place = {
        origin: `https://${service.host}`,
        database: openDatabase(server, name, user, program.tables),
        async mail(to, subject, text) {
          await transport.sendMail({ from: service.mail ?? `no-reply@${service.host}`, to, subject, text });
        },
        broken: (what) => broken.includes(what),
      };
      const answer = await app.fetch(request, place);
      return answer.headers.has("x-sandbox-none") ? undefined : answer;
    },
  };
}

function manifestOf(root: string): z.output<typeof manifestSchema> | undefined {
  try {
    return manifestSchema.safeParse(JSON.parse(readFileSync(join(root, "application.json"), "utf8"))).data;
  } catch {
    return undefined;
  }
}
