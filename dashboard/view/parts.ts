import { type ComponentChildren, h, type VNode } from "./h.ts";

/** A section with a heading of its own. */
export const Section = ({
  id,
  title,
  wide,
  children,
}: {
  id: string;
  title: string;
  wide?: boolean;
  children?: ComponentChildren;
}): VNode =>
  h(
    "section",
    { id, class: wide ? "card wide" : "card", "aria-labelledby": `${id}-title` },
    h("h2", { id: `${id}-title` }, title),
    children,
  );

/** A figure with its name. */
export const Figure = ({ name, value, note }: { name: string; value: string; note?: string | undefined }): VNode =>
  h(
    "div",
    { class: "figure" },
    h("dt", null, name),
    h("dd", null, h("strong", null, value), note ? h("small", null, note) : null),
  );

/** What is not known, and how to find out. */
export const NotKnown = ({ why, command }: { why: string; command?: string | undefined }): VNode =>
  h("p", { class: "unknown" }, "Not known: ", why, ".", command ? h("code", null, command) : null);

/** A column of a table. */
export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Of figures. @default text */
  readonly right?: boolean;
}

/** A table that can be read by its heads; nothing but a sentence where it has no row. */
export function Table<Row>({
  caption,
  columns,
  rows,
  none,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  none: string;
}): VNode {
  if (rows.length === 0) return h("p", { class: "none" }, none);
  const side = (column: Column<Row>) => (column.right ? "right" : undefined);
  return h(
    "div",
    { class: "scroll", tabIndex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      null,
      h("caption", null, caption),
      h("thead", null, h("tr", null, ...columns.map((one) => h("th", { scope: "col", class: side(one) }, one.name)))),
      h(
        "tbody",
        null,
        ...rows.map((row, index) =>
          h(
            "tr",
            { key: index },
            ...columns.map((one, at) =>
              h(at === 0 ? "th" : "td", { class: side(one), scope: at === 0 ? "row" : undefined }, one.cell(row)),
            ),
          ),
        ),
      ),
    ),
  );
}

/** A verdict as word and sign: never by its colour alone. */
export const Verdict = ({ is }: { is: string | undefined }): VNode => {
  const [sign, word] = SIGNS[is ?? ""] ?? ["?", is ?? "not checked"];
  return h("span", { class: `verdict ${is ?? "none"}` }, h("span", { "aria-hidden": "true" }, sign), ` ${word}`);
};

const SIGNS: Readonly<Record<string, readonly [string, string]>> = {
  pass: ["✓", "passes"],
  fail: ["✕", "fails"],
  inconclusive: ["~", "not judged"],
  done: ["✓", "done"],
  failed: ["✕", "failed"],
  waiting: ["…", "waits"],
  open: ["▸", "open"],
  "": ["?", "not checked"],
};
