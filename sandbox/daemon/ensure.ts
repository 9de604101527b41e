import type { SandboxPaths } from "../machine/paths.ts";
import type { PartFacts, PartName } from "./info.ts";
import { type Daemon, launch, startFailure, untilReady } from "./launch.ts";
import { forgetPart, readPart, writePart } from "./parts.ts";
import { isAlive } from "./processes.ts";
import { endPart } from "./stop.ts";

/** How one part is started and recognised as healthy. */
export interface PartDefinition<Name extends PartName> {
  readonly name: Name;
  /** Digest of what it is started with. */
  readonly key: string;
  /** Prepares files and says what to run. Only called when the part has to be started. */
  prepare(): Promise<Daemon>;
  /** Where it listens, once it says so. */
  facts(): PartFacts[Name] | undefined | Promise<PartFacts[Name] | undefined>;
  healthy(facts: PartFacts[Name]): Promise<boolean>;
  /** A deeper look, once after it was started. @returns what is wrong, or undefined. @default none */
  prove?(facts: PartFacts[Name]): Promise<string | undefined>;
}

/** A part that runs. */
export interface Ensured<Name extends PartName> {
  readonly facts: PartFacts[Name];
  readonly pid: number;
  /** True when it was started now; false when it was running. */
  readonly fresh: boolean;
}

/**
 * Leaves a healthy part that was started with the same inputs alone, else ends what is there and starts it.
 *
 * @param deadline milliseconds since 1970
 * @throws SitefleetError `sandbox.start`; what was started is ended then
 */
export async function ensurePart<Name extends PartName>(
  paths: SandboxPaths,
  part: PartDefinition<Name>,
  deadline: number,
): Promise<Ensured<Name>> {
  const known = readPart(paths, part.name);
  if (known?.facts !== undefined && known.key === part.key && isAlive(known.identity)) {
    if (await part.healthy(known.facts)) return { facts: known.facts, pid: known.identity.pid, fresh: false };
  }
  await endPart(paths, part.name);
  const before = Date.now();
  const daemon = await part.prepare();
  // What is prepared only once (a database's files) must not eat up the time for starting.
  const until = deadline + (Date.now() - before);
  const launched = await launch(daemon);
  const { identity } = launched;
  writePart(paths, part.name, { identity, key: part.key });
  try {
    const facts = await untilReady(daemon, launched, until, async () => {
      const said = await part.facts();
      return said !== undefined && (await part.healthy(said)) ? said : undefined;
    });
    const wrong = await part.prove?.(facts);
    if (wrong !== undefined) {
      await endPart(paths, part.name);
      throw startFailure(daemon, wrong);
    }
    writePart(paths, part.name, { identity, key: part.key, facts });
    return { facts, pid: identity.pid, fresh: true };
  } catch (error) {
    forgetPart(paths, part.name);
    throw error;
  }
}
