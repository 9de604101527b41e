import type { Kind } from "./index.ts";
import type { Phase, Step } from "./step.ts";

const run = (phase: Phase, ...argv: string[]): Step => ({ name: argv.slice(0, 2).join(" "), phase, argv });
/** A step that changes the database: 15 minutes, since large tables are rebuilt. */
const migrate = (phase: Phase, ...argv: string[]): Step => ({
  ...run(phase, ...argv),
  migrates: true,
  timeoutSeconds: 900,
});
const when = (path: string, step: Step): Step => ({ ...step, when: path });
const maintenance = (phase: Phase, value: string): Step =>
  run(phase, "drush", "state:set", "system.maintenance_mode", value, "--input-format=integer");

/** Order from facts.md: maintenance, dump, switch, updatedb, config:import, cache:rebuild, deploy:hook, cv upgrade:db, cv flush, off. */
const DRUPAL_CIVICRM: readonly Step[] = [
  maintenance("maintenance-on", "1"),
  migrate("after-switch", "drush", "updatedb", "-y"),
  when("config/sync", migrate("after-switch", "drush", "config:import", "-y")),
  { ...run("after-switch", "drush", "cache:rebuild"), restarts: true },
  migrate("after-switch", "drush", "deploy:hook", "-y"),
  migrate("after-switch", "cv", "upgrade:db"),
  run("after-switch", "cv", "flush"),
  run("check", "drush", "updatedb:status"),
  maintenance("maintenance-off", "0"),
];

/** Passenger, which Plesk uses to run Python and Node, starts an application anew when this file is touched. */
const RESTART: Step = {
  name: "restart",
  phase: "after-switch",
  argv: ["sh", "-c", "mkdir -p tmp && : >tmp/restart.txt"],
  restarts: true,
};

/** A virtual environment holds absolute paths, so each release gets its own; pip's cache makes the later ones cheap. */
const FASTAPI: readonly Step[] = [
  when("requirements.txt", { name: "python venv", phase: "before-switch", argv: ["python3", "-m", "venv", "venv"] }),
  when("requirements.txt", {
    name: "pip install",
    phase: "before-switch",
    argv: ["pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"],
    timeoutSeconds: 900,
  }),
  when("alembic.ini", migrate("before-switch", "alembic", "upgrade", "head")),
  RESTART,
  when("alembic.ini", run("check", "alembic", "current", "--check-heads")),
];

const PRISMA: readonly Step[] = [
  when("prisma/schema.prisma", {
    ...migrate("before-switch", "prisma", "migrate", "deploy"),
    name: "prisma migrate deploy",
  }),
  RESTART,
  when("prisma/schema.prisma", { ...run("check", "prisma", "migrate", "status"), name: "prisma migrate status" }),
];

/** Containers that migrate their database when they start: starting the new one is the migration. */
const container = (service: string): Step =>
  when("docker-compose.yml", {
    name: `${service} start`,
    phase: "after-switch",
    argv: ["docker", "compose", "--project-name", service, "up", "--detach", "--wait", "--force-recreate"],
    migrates: true,
    restarts: true,
    timeoutSeconds: 300,
  });

const N8N: readonly Step[] = [
  container("n8n"),
  when("workflows", {
    name: "n8n import:workflow",
    phase: "after-switch",
    argv: [
      "docker",
      "compose",
      "--project-name",
      "n8n",
      "exec",
      "-T",
      "n8n",
      "n8n",
      "import:workflow",
      "--separate",
      "--input=/workflows",
    ],
  }),
];

const MATOMO: readonly Step[] = [
  when("console", migrate("after-switch", "php", "console", "core:update", "--yes")),
  when("console", run("after-switch", "php", "console", "cache:clear")),
];

/** The steps of each kind, in the order in which they run within their phase. Commands from brief B and the applications' own manuals. */
export const KIND_STEPS: Readonly<Record<Kind, readonly Step[]>> = {
  static: [],
  php: [],
  "drupal-civicrm": DRUPAL_CIVICRM,
  fastapi: FASTAPI,
  prisma: PRISMA,
  n8n: N8N,
  keycloak: [container("keycloak")],
  grafana: [container("grafana")],
  matomo: MATOMO,
  generic: [],
};
