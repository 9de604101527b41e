import { Argument, type Command, Option } from "commander";
import type { z } from "zod";
import { FLAGS } from "../operations/kit/flags.ts";
import { type Operation, type Performed, perform } from "../operations/kit/operation.ts";
import { type Context, withCommon } from "./context.ts";
import { noteKind } from "./kinds.ts";
import { type Shows, stoppable } from "./stoppable.ts";

/** A command made from an operation: the common options, those of its input, its summary, and whether it changes something. */
export function operationCommand(
  command: Command,
  { input, summary, changes }: Pick<Operation, "input" | "summary" | "changes">,
): Command {
  noteKind(command, changes);
  return withInput(withCommon(command), input).description(summary);
}

/**
 * Adds an option for each field of an input that has a flag, in the order of the schema; an argument where its flag is one,
 * as `[commit]`. A field that must be there is a mandatory option.
 */
function withInput(command: Command, { shape }: z.ZodObject): Command {
  for (const schema of Object.values(shape) as z.ZodType[]) {
    const flag = FLAGS.get(schema);
    if (flag === undefined) continue;
    const { flags, help, read } = flag;
    if (/^[<[]/.test(flags)) {
      command.addArgument(new Argument(flags, help));
      continue;
    }
    const option = new Option(flags, help).makeOptionMandatory(!schema.safeParse(undefined).success);
    if (read) option.argParser(read);
    else if (isList(schema)) option.argParser((text: string, before: readonly string[] = []) => [...before, text]);
    command.addOption(option);
  }
  return command;
}

/** Of what commander read, the fields of an input. */
export function inputOf<Input extends z.ZodObject>({ shape }: Input, options: object): z.input<Input> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name in shape)) as z.input<Input>;
}

function isList(schema: z.ZodType): boolean {
  const { def } = schema as unknown as { def: { type: string; innerType?: z.ZodType } };
  return def.type === "array" || (def.innerType !== undefined && isList(def.innerType));
}

/** An event of an operation. */
type Told = { readonly event: string };

/**
 * Carries an operation out for a person at a terminal: shows what it tells. Its exit code is for the caller.
 *
 * @throws SitefleetError those of the operation
 */
export async function showOperation<
  Input extends z.ZodObject,
  Event extends z.ZodType<Told, Told>,
  Value,
  Output extends z.ZodType,
>(
  context: Context,
  operation: Operation<Input, Event, Value, Output>,
  input: z.input<Input>,
  shows: Shows<z.input<Event>>,
): Promise<Performed<Value, z.input<Output>>> {
  return stoppable<z.input<Event>, Performed<Value, z.input<Output>>>(shows, (emit, signal) =>
    perform(operation, input, { estate: context, signal, emit }),
  );
}

/** As {@link showOperation}, and the operation's exit code becomes the command's. */
export const performShown: typeof showOperation = async (context, operation, input, shows) => {
  const performed = await showOperation(context, operation, input, shows);
  process.exitCode ||= performed.exitCode;
  return performed;
};
