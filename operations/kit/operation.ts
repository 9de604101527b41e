import type { z } from "zod";
import { inEnvironment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import type { Estate } from "./estate.ts";
import { isRecorded } from "./recorded.ts";

/** What an operation works with. It prints nothing, asks no person, reads no environment variable and ends no process. */
export interface Tools<Event> {
  readonly estate: Estate;
  /** Ends the operation in order: nothing new is started, and what is in flight comes to its end. */
  readonly signal: AbortSignal;
  /** Tells what happens while it goes on. */
  emit(event: Event): void;
}

/** One thing that can be done. Command line, agents, dashboard and workflows are made from these. */
export interface Operation<
  Input extends z.ZodObject = z.ZodObject,
  Event extends z.ZodType = z.ZodType,
  Value = unknown,
  Output extends z.ZodType = z.ZodType,
> {
  /** Its name in every interface, words divided by spaces: `rollout status`. */
  readonly name: string;
  /** What it does, in a sentence. */
  readonly summary: string;
  /** Does it change anything: at a vendor, on a host, in the backend, or files outside of caches? */
  readonly changes: boolean;
  readonly input: Input;
  readonly events: Event;
  /** The document for programs: what `--json` prints. */
  readonly output: Output;
  run(input: z.output<Input>, tools: Tools<z.input<Event>>): Promise<Value>;
  /** The document of a result. Pure. */
  document(value: Value): z.input<Output>;
  /** Exit code of a result, as docs/reference/cli.md lists them. Pure. @default 0 */
  exitCode?(value: Value): number;
}

/** States an operation; its types follow from its schemas. */
export const defineOperation = <Input extends z.ZodObject, Event extends z.ZodType, Value, Output extends z.ZodType>(
  operation: Operation<Input, Event, Value, Output>,
): Operation<Input, Event, Value, Output> => operation;

/** What an operation came to. */
export interface Performed<Value, Output> {
  /** As the code has it, for the interface that renders it. */
  readonly value: Value;
  /** As programs read it. */
  readonly document: Output;
  /** 130 when it was stopped, else what the result says. */
  readonly exitCode: number;
}

/** Exit code of an operation that its caller has stopped. */
export const STOPPED_EXIT = 130;
/** Exit code when nothing fails and something that must be known has not run, see docs/reference/cli.md. */
export const NOT_RUN_EXIT = 4;

/**
 * Carries an operation out. Several may go on at once in one process.
 *
 * @param input What the input schema takes; checked here, and all that is wrong is listed.
 * @throws SitefleetError `usage` for a wrong input, and the operation's own
 */
export async function perform<Input extends z.ZodObject, Event extends z.ZodType, Value, Output extends z.ZodType>(
  operation: Operation<Input, Event, Value, Output>,
  input: z.input<Input>,
  { estate, signal = new AbortController().signal, emit = () => {} }: PerformOptions<z.input<Event>>,
): Promise<Performed<Value, z.input<Output>>> {
  const parsed = operation.input.safeParse(input);
  if (!parsed.success) throw wrongInput(operation.name, parsed.error);
  const work = () => recorded(operation, parsed.data, { estate, signal, emit });
  return estate.env ? inEnvironment({ ...estate.env }, work) : work();
}

/** Carries it out; what of it people are told of is kept and told beside it, whichever interface has asked for it. */
async function recorded<Input extends z.ZodObject, Event extends z.ZodType, Value, Output extends z.ZodType>(
  operation: Operation<Input, Event, Value, Output>,
  input: z.output<Input>,
  { emit, ...tools }: Tools<z.input<Event>>,
): Promise<Performed<Value, z.input<Output>>> {
  const recording = isRecorded(operation.name, input)
    ? await (await import("./recording.ts")).openRecording(operation.name, input, tools.estate)
    : undefined;
  const told = (event: z.input<Event>) => {
    recording?.take(event as { readonly event: string });
    emit(event);
  };
  try {
    const value = await operation.run(input, { ...tools, emit: told });
    const exitCode = tools.signal.aborted ? STOPPED_EXIT : (operation.exitCode?.(value) ?? 0);
    const document = operation.document(value);
    await recording?.ended(document, exitCode);
    return { value, document, exitCode };
  } catch (error) {
    await recording?.failed(error);
    throw error;
  }
}

/** Options of {@link perform}. */
export interface PerformOptions<Event> {
  readonly estate: Estate;
  /** @default it cannot be stopped */
  readonly signal?: AbortSignal;
  /** @default not listened to */
  readonly emit?: (event: Event) => void;
}

function wrongInput(name: string, { issues }: z.ZodError): SitefleetError {
  return new SitefleetError({
    code: "usage",
    message: issues.length === 1 ? "the input is wrong" : `${issues.length} things of the input are wrong`,
    subject: name,
    details: issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`)),
  });
}
