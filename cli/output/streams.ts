import { noteUnheard } from "../../fleet/backend/journal/unheard.ts";

/** 128 + SIGPIPE: how a shell sees a program whose reader is gone, see signal(7). */
const BROKEN_PIPE = 141;

/** The reader is gone on purpose (`| head`, a closed terminal): no error. Everything else is output that is missing. */
const GONE = new Set(["EPIPE", "EIO", "ECONNRESET"]);

/**
 * Keeps output from ending this process: what cannot be written is left out, and the work goes on to its end. Node would end
 * with an exception otherwise. At the end the exit code says what was lost: 141 for a command that only reads and whose
 * reader is gone, 1 for output that could not be kept (a full disk). A run that changes something keeps its own code when
 * its reader is gone.
 *
 * @param reads asked at the end: does the command only read?
 */
export function guardStreams(reads: () => boolean): void {
  let lost: string | undefined;
  guard(process.stderr, (code) => noteUnheard({ stream: "stderr", code }));
  guard(process.stdout, (code) => {
    lost = code;
    noteUnheard({ stream: "stdout", code });
    if (!GONE.has(code))
      process.stderr.write(`error: the output could not be written (${code}); what follows is missing\n`);
  });
  process.on("exit", () => {
    if (lost === undefined) return;
    if (!GONE.has(lost)) process.exitCode ||= 1;
    else if (reads()) process.exitCode = BROKEN_PIPE;
  });
}

/** The stream's writes never throw, and do nothing once one has failed. */
function guard(stream: NodeJS.WriteStream, onLost: (code: string) => void): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let lost = false;
  const lose = (error: unknown) => {
    if (lost) return;
    lost = true;
    onLost((error as NodeJS.ErrnoException).code ?? "unknown");
  };
  stream.on("error", lose);
  stream.write = ((...args: unknown[]): boolean => {
    if (!lost) {
      try {
        return write(...args);
      } catch (error) {
        lose(error);
      }
    }
    const done = args.find((arg) => typeof arg === "function") as (() => void) | undefined;
    if (done) process.nextTick(done);
    return true;
  }) as typeof stream.write;
}
