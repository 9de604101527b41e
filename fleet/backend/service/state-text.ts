import { ORGANIZATION, PROJECT_NAME } from "../store/project.ts";
import type { Deployment, TypedDeployment } from "./deployment.ts";
import { deploymentText } from "./deployment-text.ts";
import { Replay } from "./replay.ts";

/** apitype.VersionedCheckpoint. */
interface StateFile {
  readonly version: number;
  readonly features?: readonly string[];
  readonly checkpoint: { readonly latest?: Deployment };
}

const parse = (text: string) => JSON.parse(text) as StateFile;

/** The text of a state's file. Pure. @param engine version of the engine that made it, as it names itself */
export function stateText(stack: string, typed: TypedDeployment, engine: string, time = new Date()): string {
  return deploymentText(`${ORGANIZATION}/${PROJECT_NAME}/${stack}`, typed, { version: engine, time });
}

/** A replay that begins with the state of a file. Pure. */
export function replayOf(text: string): Replay {
  const { features, checkpoint } = parse(text);
  return new Replay(checkpoint.latest, features);
}

/** A state's file as the service answers it (apitype.UntypedDeployment). Pure. */
export function exported(text: string) {
  const { version, features, checkpoint } = parse(text);
  return { version, features, deployment: checkpoint.latest ?? null };
}
