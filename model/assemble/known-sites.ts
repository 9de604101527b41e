import { keepFinding, keepsFindings, keptFinding, type Subject } from "../../environment/kept.ts";
import type { Site } from "../types.ts";

/** A row's site; on which line it stands is another matter. */
type Row = Omit<Site, "line">;

/** Rows that may be new before what is known is written anew: writing costs as much as reading some of them. */
const FEW = 0.02;

/**
 * Rows of sites.csv in which an earlier command has found nothing wrong, by their text: what a row says by itself depends on no other row.
 * So the first command after a change of some of 5000 rows looks at those alone; what holds between rows is checked of all.
 */
export class KnownSites {
  readonly #lines: readonly string[];
  readonly #subject: Subject;
  readonly #known: ReadonlyMap<string, Row>;
  readonly #now = new Map<string, Row>();

  /**
   * @param catalog whose rows they are: each has its own
   * @param cells number of cells, which a site's cell depends on
   */
  constructor(catalog: string, text: string, cells: number) {
    // A value in quotes may go over several lines.
    const isPlain = keepsFindings() && !text.includes('"');
    this.#lines = isPlain ? text.split("\n") : [];
    const header = this.#lines.find((line) => line !== "" && !line.startsWith("#"));
    this.#subject = { kind: "sites", name: catalog, from: JSON.stringify([header, cells]) };
    const found = isPlain ? keptFinding<ReadonlyMap<string, Row>>(this.#subject) : undefined;
    this.#known = found ?? new Map();
  }

  /** The sites of the rows that are known, in their order. */
  sites(): Site[] {
    return this.#lines.flatMap((text, index) => {
      const row = this.#known.get(text);
      if (row === undefined) return [];
      this.#now.set(text, row);
      return [{ ...row, line: index + 1 }];
    });
  }

  /** The text with an empty line in the place of each row that is known: every other row keeps its line. @param text all of it */
  others(text: string): string {
    if (this.#known.size === 0) return text;
    return this.#lines.map((line) => (this.#known.has(line) ? "" : line)).join("\n");
  }

  /** Notes a site in whose row nothing is wrong. */
  note({ line, ...row }: Site): void {
    const text = this.#lines[line - 1];
    if (text !== undefined) this.#now.set(text, row);
  }

  /** Keeps what is known now. */
  keep(): void {
    let added = 0;
    for (const text of this.#now.keys()) if (!this.#known.has(text)) added++;
    if (added > FEW * this.#now.size) keepFinding(this.#subject, this.#now);
  }
}
