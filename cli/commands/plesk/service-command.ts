import type { Command } from "commander";
import type { z } from "zod";
import type { Operation } from "../../../operations/kit/operation.ts";
import type { ServicesDocument } from "../../../operations/plesk/services/document.ts";
import type { serviceEvent } from "../../../operations/plesk/services/events.ts";
import type { OfServices } from "../../../operations/plesk/services/over.ts";
import { prepare } from "../../context.ts";
import { inputOf, performShown } from "../../from-operation.ts";
import { ServiceTeller, type Shown, sayFailed, showOutcomes } from "../../output/services.ts";
import { printJson } from "../../output/style.ts";

/** An operation on services. */
export type OnServices<Input extends z.ZodObject, Value> = Operation<
  Input,
  typeof serviceEvent,
  OfServices<Value>,
  z.ZodType<ServicesDocument<Value>, ServicesDocument<Value>>
>;

/**
 * Carries an operation on services out and shows what became of each: as one document, or as a table.
 *
 * @param doing What is done, for the line of progress: `rolling back`.
 * @param shown How people see it.
 */
export async function runOnServices<Input extends z.ZodObject, Value extends object>(
  command: Command,
  operation: OnServices<Input, Value>,
  doing: string,
  shown: Shown<Value> | ((done: OfServices<Value>) => void),
): Promise<OfServices<Value>> {
  const context = await prepare(command);
  const input = inputOf(operation.input, command.opts());
  const { value, document } = await performShown(context, operation, input, new ServiceTeller(doing));
  if (context.json) {
    printJson(document);
    sayFailed(value.outcomes);
  } else if (typeof shown === "function") shown(value);
  else showOutcomes(value.outcomes, shown);
  return value;
}
