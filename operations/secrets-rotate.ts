import { z } from "zod";
import { SitefleetError } from "../errors/index.ts";
import { BY_HAND, type Catalog, DEFAULT_ROTATION, FIRST, loadCatalog } from "../model/index.ts";
import { fleetEvent } from "./kit/events.ts";
import { failureOf, failureSchema } from "./kit/failure.ts";
import { allowField, gateFields, lockField } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { accountTargets, type DatabaseSecret, databaseSecrets, lookAtSecrets } from "./secrets/accounts.ts";
import { planSecrets, secretFacts } from "./secrets/facts.ts";
import { begun, phaseOf, type Rotated, rotateAll, type Standing } from "./secrets/machine.ts";
import { estatePorts } from "./secrets/ports.ts";

/** Exit code where a rotation waits: the same command goes on with it. */
const WAITS_EXIT = 3;

const PHASES = ["steady", "making", "delivering", "retiring"] as const;

/** Rotates secrets. */
export const secretsRotate = defineOperation({
  name: "secrets rotate",
  summary:
    "give secrets new values: of databases without a gap where the server can; without a name it goes on with rotations under way",
  changes: true,
  input: z.object({
    secret: flag(
      z.array(z.string()).optional(),
      "--secret <name>",
      "begin with this secret; may be given several times",
    ),
    due: flag(z.boolean().optional(), "--due", "begin with every secret that is older than it may be"),
    window: flag(
      z.boolean().optional(),
      "--window",
      "where there is no other way: the old value is refused before all have the new one",
    ),
    ...lockField("prod and prod-plesk"),
    ...allowField(),
    ...gateFields(),
  }),
  events: fleetEvent,
  output: z.object({
    ok: z.boolean().describe("nothing failed"),
    secrets: z.array(
      z.object({
        name: z.string(),
        phase: z.enum(PHASES).describe("`steady`: it is rotated, and the old value is refused"),
        current: z.int().describe("number of the value in use"),
        waits: z.string().optional().describe("completes: it waits …"),
        error: failureSchema.optional(),
      }),
    ),
  }),
  async run({ secret = [], due = false, window = false, ...handed }, tools): Promise<readonly Rotated[]> {
    const { estate, emit, signal } = tools;
    const catalog = loadCatalog(estate.catalogDir);
    const names = new Set([...secret, ...(due ? await dueSecrets(catalog, estate.configFile, window) : [])]);
    const chosen = chosenOf(catalog, names, window);
    const opening = { estate, emit: () => {} };
    const asked = window ? [] : chosen.beginning;
    // Said before anything is changed: what a host does not allow, and the other way.
    const looks = await lookAtSecrets(asked, await accountTargets(opening, catalog, asked), signal);
    const refused = [...looks].flatMap(([name, look]) =>
      "error" in look
        ? [`${name}: ${failureOf(look.error).message}`]
        : look.why.map((why) => `${name}: ${look.server}: it ${why}`),
    );
    if (refused.length > 0) throw noWay(refused);
    const ports = estatePorts({ estate, emit, signal }, handed);
    const begin = chosen.beginning.map(({ name, rotation }): Standing => {
      const { current, next } = begun(rotation);
      return { name, rotation: { current, next, ...(window ? { window } : {}) } };
    });
    const once = chosen.once.map(
      ({ name, rotation }): Standing => ({ name, rotation: { current: rotation.current + 1 } }),
    );
    const all = [...begin, ...once];
    if (all.length > 0) await ports.save(new Map(all.map(({ name, rotation }) => [name, rotation])));
    if (once.length > 0) await ports.values();
    const { longestJobMinutes } = catalog.secrets.rotation ?? DEFAULT_ROTATION;
    const rotated = await rotateAll([...chosen.underWay, ...begin], ports, longestJobMinutes * 60_000);
    return [...rotated, ...once.map((one): Rotated => ({ ...one, phase: "steady" }))];
  },
  document: (rotated) => ({
    ok: rotated.every(({ error }) => error === undefined),
    secrets: rotated.map(({ name, phase, rotation, waits, error }) => ({
      name,
      phase,
      current: rotation.current,
      waits,
      error: error === undefined ? undefined : failureOf(error),
    })),
  }),
  exitCode(rotated) {
    if (rotated.some(({ error }) => error !== undefined)) return 1;
    return rotated.some(({ phase }) => phase !== "steady") ? WAITS_EXIT : 0;
  },
});

/** Names of random secrets that are too old; outside of a window those of databases. */
async function dueSecrets(catalog: Catalog, configFile: string, window: boolean): Promise<string[]> {
  const databases = new Set(databaseSecrets(catalog).map(({ name }) => name));
  return planSecrets(await secretFacts(catalog, configFile)).flatMap(
    ({ name, origin, ageDays = 0, maxAgeDays = Number.POSITIVE_INFINITY }) =>
      (origin === "generated" || origin === "imported") && ageDays > maxAgeDays && (window || databases.has(name))
        ? [name]
        : [],
  );
}

interface Chosen {
  readonly underWay: readonly DatabaseSecret[];
  readonly beginning: readonly DatabaseSecret[];
  /** Random ones that no server knows: the new value is there at once. */
  readonly once: readonly Standing[];
}

/** What is rotated. Pure. @throws SitefleetError `secrets.rotation` with all names that cannot be */
function chosenOf(catalog: Catalog, names: ReadonlySet<string>, window: boolean): Chosen {
  const databases = databaseSecrets(catalog);
  const problems: string[] = [];
  const once: Standing[] = [];
  const beginning: DatabaseSecret[] = [];
  for (const name of names) {
    const entry = catalog.secrets.entries.find((one) => one.name === name);
    const database = databases.find((one) => one.name === name);
    if (entry === undefined) problems.push(`${name}: secrets.yaml has no such secret`);
    else if (entry.database?.part === "user")
      problems.push(`${name}: it follows the password of ${entry.database.service}`);
    else if (entry.source === "config")
      problems.push(`${name}: its value comes from outside: sitefleet secrets import --replace`);
    else if (entry.source === BY_HAND) problems.push(`${name}: its value is not known here: sitefleet secrets import`);
    else if (database === undefined && !window)
      problems.push(`${name}: who uses the old value is refused at once; --window says that this is meant`);
    else if (database === undefined) once.push({ name, rotation: entry.rotation ?? FIRST });
    else if (phaseOf(database.rotation) === "steady") {
      const { engine, rotation } = database;
      // There the names of logins alternate: one way cannot go on where the other has stopped.
      const other = window !== (rotation.window ?? false);
      if (engine === "postgresql" && other && rotation.current > 1)
        problems.push(
          `${name}: its login was rotated ${window ? "without a gap" : "in a window"} before, and can only be again`,
        );
      else beginning.push(database);
    }
  }
  if (problems.length === 0)
    return { once, beginning, underWay: databases.filter(({ rotation }) => phaseOf(rotation) !== "steady") };
  throw new SitefleetError({
    code: "secrets.rotation",
    message:
      problems.length === 1 ? "a secret cannot be rotated so" : `${problems.length} secrets cannot be rotated so`,
    details: problems,
    hint: "nothing was changed; sitefleet secrets plan lists them",
  });
}

const noWay = (details: readonly string[]): SitefleetError =>
  new SitefleetError({
    code: "secrets.rotation",
    message: "not every database can take two passwords for a while; nothing was changed",
    details,
    hint: "mend what is listed, leave those out, or take a window, at a quiet time: --window",
  });
