import {
  answered,
  atHead,
  type Expectation,
  installed,
  nothingAnnounced,
  nothingListed,
  provisioned,
  running,
  sameVersions,
  upToDate,
  value,
  workflows,
} from "./expect.ts";
import type { Kind } from "./index.ts";
import { PROVE } from "./prove.ts";
import type { Phase, Step } from "./step.ts";

const run = (phase: Phase, ...argv: string[]): Step => ({ name: argv.slice(0, 2).join(" "), phase, argv });
/** A step that changes the database: 15 minutes, since large tables are rebuilt. */
const migrate = (phase: Phase, ...argv: string[]): Step => ({
  ...run(phase, ...argv),
  migrates: true,
  timeoutSeconds: 900,
});
/** A step that only looks: what one before it claims to have done is seen with the application's own eyes. */
const look = (phase: Phase, name: string, expect: Expectation, ...argv: string[]): Step => ({
  name,
  phase,
  argv,
  expect,
});
const when = (path: string, step: Step): Step => ({ ...step, when: path });
const maintenance = (phase: Phase, mode: string): Step =>
  run(phase, "drush", "state:set", "system.maintenance_mode", mode, "--input-format=integer");
const maintenanceIs = (phase: Phase, allowed: readonly string[]): Step =>
  look(phase, "drush state:get", value("maintenance mode", allowed), "drush", "state:get", "system.maintenance_mode");

/** A list of drush's as JSON. */
const listed = (command: string): string[] => ["drush", command, "--format=json"];
/** Of CiviCRM's code, and of the database. */
const CIVICRM_VERSIONS = "return [CRM_Utils_System::version(), CRM_Core_BAO_Domain::version()];";

/** Order (docs/reference/services.md): maintenance, dump, switch, updatedb, config:import, cache:rebuild, deploy:hook, cv upgrade:db, cv flush, off. */
const DRUPAL_CIVICRM: readonly Step[] = [
  maintenance("maintenance-on", "1"),
  maintenanceIs("maintenance-on", ["1"]),
  migrate("after-switch", "drush", "updatedb", "-y"),
  when("config/sync", migrate("after-switch", "drush", "config:import", "-y")),
  // Before the deploy hooks, which may change it again.
  when(
    "config/sync",
    look(
      "after-switch",
      "drush config:status",
      nothingListed("configuration that differs"),
      ...listed("config:status"),
    ),
  ),
  { ...run("after-switch", "drush", "cache:rebuild"), restarts: true },
  migrate("after-switch", "drush", "deploy:hook", "-y"),
  migrate("after-switch", "cv", "upgrade:db"),
  run("after-switch", "cv", "flush"),
  look("check", "drush updatedb:status", nothingListed("updates that are pending"), ...listed("updatedb:status")),
  look("check", "drush deploy:hook-status", nothingListed("hooks that are pending"), ...listed("deploy:hook-status")),
  look("check", "cv ev", sameVersions, "cv", "ev", CIVICRM_VERSIONS, "--out=json"),
  maintenance("maintenance-off", "0"),
  maintenanceIs("maintenance-off", ["0", "", "false"]),
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
  // Without its own pip the system's would be found, and would install there.
  when("requirements.txt", {
    name: "python venv look",
    phase: "before-switch",
    argv: ["sh", "-c", "test -f venv/pyvenv.cfg && test -x venv/bin/pip"],
  }),
  when("requirements.txt", {
    name: "pip install",
    phase: "before-switch",
    argv: ["pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"],
    timeoutSeconds: 900,
  }),
  when(
    "requirements.txt",
    look("before-switch", "pip list", installed, "pip", "list", "--format=json", "--disable-pip-version-check"),
  ),
  when("alembic.ini", migrate("before-switch", "alembic", "upgrade", "head")),
  RESTART,
  when("alembic.ini", look("check", "alembic current", atHead, "alembic", "current", "--check-heads")),
];

const PRISMA: readonly Step[] = [
  when("prisma/schema.prisma", {
    ...migrate("before-switch", "prisma", "migrate", "deploy"),
    name: "prisma migrate deploy",
  }),
  RESTART,
  when("prisma/schema.prisma", look("check", "prisma migrate status", upToDate, "prisma", "migrate", "status")),
];

/** `docker compose` on the service's project. */
const compose = (service: string, ...argv: string[]): string[] => [
  ...["docker", "compose", "--project-name", service],
  ...argv,
];
/** Containers that migrate their database when they start: starting the new one is the migration. */
const container = (service: string): Step =>
  when("docker-compose.yml", {
    name: `${service} start`,
    phase: "after-switch",
    argv: compose(service, "up", "--detach", "--wait", "--force-recreate"),
    migrates: true,
    restarts: true,
    timeoutSeconds: 300,
  });

const containerRuns = (service: string): Step =>
  when(
    "docker-compose.yml",
    look("check", `${service} containers`, running, ...compose(service, "ps", "--all", "--format", "json")),
  );
const inN8n = (...argv: string[]): string[] => compose("n8n", "exec", "-T", "n8n", ...argv);

/** Switches on what an import has switched off: `publish:workflow` since n8n 2, `update:workflow` before. Runs in the container. */
const PUBLISH = `for file in /workflows/*.json; do
  for id in $(node -e 'const w = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")); if (w.active && w.id) console.log(w.id)' "$file"); do
    n8n publish:workflow --id="$id" || n8n update:workflow --id="$id" --active=true || exit 1
  done
done`;

const N8N: readonly Step[] = [
  container("n8n"),
  when("workflows", {
    name: "n8n import:workflow",
    phase: "after-switch",
    argv: inN8n("n8n", "import:workflow", "--separate", "--input=/workflows"),
  }),
  when("workflows", { name: "n8n publish:workflow", phase: "after-switch", argv: inN8n("sh", "-c", PUBLISH) }),
  // A running n8n notices neither.
  when("workflows", { name: "n8n restart", phase: "after-switch", argv: compose("n8n", "restart", "n8n") }),
  containerRuns("n8n"),
  when("workflows", look("check", "n8n export:workflow", workflows, ...inN8n("n8n", "export:workflow", "--all"))),
  when("workflows", look("check", "n8n web hooks", answered, ...inN8n("node", "-e", PROVE))),
];

/** What Grafana provisions dashboards from, as its container sees it: a release that is not mounted there changes nothing. */
const PROVISIONED = 'ls -1 "$GF_PATHS_PROVISIONING"/dashboards || ls -1 /etc/grafana/provisioning/dashboards';

const GRAFANA: readonly Step[] = [
  container("grafana"),
  containerRuns("grafana"),
  when(
    "provisioning",
    look(
      "check",
      "grafana provisioning",
      provisioned,
      ...compose("grafana", "exec", "-T", "grafana", "sh", "-c", PROVISIONED),
    ),
  ),
];

const MATOMO: readonly Step[] = [
  when("console", migrate("after-switch", "php", "console", "core:update", "--yes")),
  when("console", run("after-switch", "php", "console", "cache:clear")),
  // Ends with 0 also after plugins' updates that failed. Without a yes it only tells what is left.
  when(
    "console",
    look("check", "php console core:update", nothingAnnounced, "php", "console", "core:update", "--no-interaction"),
  ),
];

/** The steps of each kind, in the order in which they run within their phase. Commands from the applications' own manuals. */
export const KIND_STEPS: Readonly<Record<Kind, readonly Step[]>> = {
  static: [],
  php: [],
  "drupal-civicrm": DRUPAL_CIVICRM,
  fastapi: FASTAPI,
  prisma: PRISMA,
  n8n: N8N,
  keycloak: [container("keycloak"), containerRuns("keycloak")],
  grafana: GRAFANA,
  matomo: MATOMO,
  generic: [],
};
