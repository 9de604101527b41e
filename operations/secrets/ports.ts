import { SitefleetError } from "../../errors/index.ts";
import { succeeded } from "../../fleet/run/summary.ts";
import { loadCatalog } from "../../model/index.ts";
import { changeAccounts } from "../../plesk/index.ts";
import { PLESK_STACK, SHARED_STACK } from "../../stacks/names.ts";
import { type UpOptions, updateOver } from "../fleet/update.ts";
import type { FleetEvent } from "../kit/events.ts";
import { failureOf } from "../kit/failure.ts";
import type { Tools } from "../kit/operation.ts";
import { noticesOnly } from "../plesk/services/notices.ts";
import { accountTargets, type DatabaseSecret, databaseSecrets, lookAtSecrets } from "./accounts.ts";
import type { RotationPorts } from "./machine.ts";
import { writeEntries } from "./write.ts";

/** The part of an update's options that a rotation hands on. */
export type Handed = Pick<UpOptions, "allow" | "why" | "approval" | "hotfix" | "lockTimeout">;

/** Carries out rotations on the estate: the catalog, the stacks, the hosts. */
export function estatePorts(tools: Tools<FleetEvent>, handed: Handed): RotationPorts {
  const { estate, emit, signal } = tools;
  const tell = (text: string) => emit({ event: "notice", text });
  const opening = { estate, emit: noticesOnly(emit) };
  const update = async (stacks: string[]): Promise<void> => {
    // A changed value is no change of what is declared: digests do not tell of it.
    const run = await updateOver(tools, { ...handed, stack: stacks, all: true });
    signal.throwIfAborted();
    if (succeeded(run)) return;
    const failed = run.results.filter(({ ok }) => !ok);
    throw new SitefleetError({
      code: "secrets.rotation",
      message: `${failed.map(({ stack }) => stack).join(", ")} could not be brought up; the rotation stays where it is`,
      details: failed.flatMap(({ stack, errors }) => errors.map((error) => `${stack}: ${error}`)),
      hint: "mend it, then run sitefleet secrets rotate again",
    });
  };
  /** As the catalog has them now: each step moves them. */
  const opened = async (names: readonly string[]) => {
    const catalog = loadCatalog(estate.catalogDir);
    const secrets = databaseSecrets(catalog).filter(({ name }) => names.includes(name));
    return { secrets, targets: await accountTargets(opening, catalog, secrets) };
  };
  return {
    async save(rotations) {
      writeEntries(estate.catalogDir, new Map([...rotations].map(([name, rotation]) => [name, { rotation }])));
    },
    async values() {
      tell("the values: the update of prod");
      await update([SHARED_STACK]);
    },
    async deliver() {
      tell("the delivery: to the environment of jobs, then to the services");
      const services = loadCatalog(estate.catalogDir).services.length > 0 ? [PLESK_STACK] : [];
      await update([SHARED_STACK, ...services]);
    },
    async accept(generations) {
      const { secrets, targets } = await opened([...generations.keys()]);
      const failed = new Map<string, unknown>();
      // Equal changes go together, over one connection a host.
      for (const group of groupsOf(secrets, generations)) {
        const chosen = targets.filter((_, index) => group.secrets.includes(secrets[index] as DatabaseSecret));
        const outcomes = await changeAccounts(chosen, { accept: group.accept, window: group.window }, { signal });
        outcomes.forEach((outcome, index) => {
          const { name } = group.secrets[index] as DatabaseSecret;
          if (!outcome.ok) failed.set(name, outcome.error);
          else tell(`${name}: the database accepts ${group.accept.length === 1 ? "one value" : "both values"}`);
        });
      }
      return failed;
    },
    async look(standing) {
      const { secrets, targets } = await opened(standing.map(({ name }) => name));
      const looks = await lookAtSecrets(secrets, targets, signal);
      return new Map(
        [...looks].flatMap(([name, look]) => {
          // Of a server that lets in none it is not known who uses it.
          if (!("error" in look) && look.accepts.length > 0) return [[name, look] as const];
          tell(`${name}: ${"error" in look ? failureOf(look.error).message : `it ${look.why[0]}`}`);
          return [];
        }),
      );
    },
    now: () => Date.now(),
  };
}

function groupsOf(secrets: readonly DatabaseSecret[], generations: ReadonlyMap<string, readonly number[]>) {
  const groups = new Map<string, { secrets: DatabaseSecret[]; accept: readonly number[]; window: boolean }>();
  for (const secret of secrets) {
    const accept = generations.get(secret.name) ?? [];
    const window = secret.rotation.window === true;
    const key = JSON.stringify([accept, window]);
    const group = groups.get(key) ?? { secrets: [], accept, window };
    group.secrets.push(secret);
    groups.set(key, group);
  }
  return [...groups.values()];
}
