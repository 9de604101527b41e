import pc from "picocolors";

/** Colours for one stream: none when it is no terminal or NO_COLOR is set. */
export function coloursFor(stream: NodeJS.WriteStream): ReturnType<typeof pc.createColors> {
  const wanted = stream.isTTY === true && process.env.NO_COLOR === undefined && process.env.TERM !== "dumb";
  return pc.createColors(wanted);
}

/** Colours for what people read on stderr. */
export const forPeople = coloursFor(process.stderr);
/** Colours for tables on stdout. */
export const forData = coloursFor(process.stdout);

/** Writes a line for people. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Writes data. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes one JSON document. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Lines up columns; numbers to the right. The first row is the head. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, String(cell).length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) =>
          typeof cell === "number" ? String(cell).padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `1 site`, `2 sites`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
