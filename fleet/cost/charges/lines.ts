/** Longest line that is read, characters; a charge has about 700. A longer one is given cut, and so refused as no JSON. */
const LONGEST = 100_000;

/**
 * The lines of a stream, a batch for each chunk, without empty ones. What is held is one chunk and one line at most, however long
 * the stream is and whatever is in it.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const text = rest + (typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }));
    const lines = text.split("\n");
    rest = (lines.pop() ?? "").slice(0, LONGEST);
    const full = lines.filter(notEmpty);
    if (full.length > 0) yield full;
  }
  rest += decoder.decode();
  if (notEmpty(rest)) yield [rest];
}

const notEmpty = (line: string): boolean => line.trim() !== "";
