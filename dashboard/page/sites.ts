import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Overview } from "../../fleet/overview/shape.ts";
import { chosen, type Filter, type Row, windowOf } from "../view/choose.ts";
import { Fragment, h, type VNode } from "../view/h.ts";
import { Section } from "../view/parts.ts";
import { siteColumns } from "../view/site.ts";
import { number } from "../view/text.ts";

/** Pixels of a row; style.css says the same. */
const ROW = 34;

interface Props {
  readonly rows: readonly Row[];
  readonly zones: Overview["zones"];
  readonly cells: Overview["cells"];
  readonly at: string;
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
  readonly onPick: (host: string) => void;
}

/** All sites, searched and filtered here. Only the rows in view are drawn. */
export const Sites = ({ rows, zones, cells, at, filter, onFilter, onPick }: Props): VNode => {
  const shown = useMemo(() => chosen(rows, filter), [rows, filter]);
  const choice = (name: keyof Filter, label: string, options: readonly (readonly [string, string])[]) =>
    h(
      "label",
      null,
      label,
      h(
        "select",
        {
          value: filter[name],
          onChange: (event: Event) => onFilter({ ...filter, [name]: (event.target as HTMLSelectElement).value }),
        },
        ...options.map(([value, text]) => h("option", { key: value, value }, text)),
      ),
    );
  return h(
    Section,
    { id: "sites", title: "Sites", wide: true },
    h(
      "form",
      { class: "filter", role: "search", onSubmit: (event: Event) => event.preventDefault() },
      h(
        "label",
        null,
        "Search",
        h("input", {
          type: "search",
          id: "search",
          value: filter.words,
          placeholder: "host, channel, commit",
          onInput: (event: Event) => onFilter({ ...filter, words: (event.target as HTMLInputElement).value }),
        }),
      ),
      choice("verdict", "Check", [
        ["", "all"],
        ["fail", "fails"],
        ["inconclusive", "not judged"],
        ["none", "not checked"],
        ["pass", "passes"],
      ]),
      choice("cell", "Cell", [["", "all"], ...cells.map(({ cell }) => [cell, cell] as const)]),
      choice("zone", "Zone", [["", "all"], ...zones.map(({ zone }) => [zone, zone] as const)]),
      h("output", { id: "found", "aria-live": "polite" }, `${number(shown.length)} of ${number(rows.length)} sites`),
    ),
    h(List, { shown, at, onPick }),
  );
};

const List = ({ shown, at, onPick }: { shown: readonly Row[]; at: string; onPick: (host: string) => void }): VNode => {
  const box = useRef<HTMLDivElement>(null);
  const above = useRef<HTMLTableRowElement>(null);
  const below = useRef<HTMLTableRowElement>(null);
  const [view, setView] = useState({ top: 0, room: 500 });
  const { from, to } = windowOf(shown.length, ROW, view.top, view.room);
  useLayoutEffect(() => {
    if (above.current) above.current.style.height = `${from * ROW}px`;
    if (below.current) below.current.style.height = `${(shown.length - to) * ROW}px`;
  });
  const look = () => {
    const element = box.current;
    if (element) setView({ top: element.scrollTop, room: element.clientHeight });
  };
  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = 0;
    look();
  }, [shown.length]);
  const columns = siteColumns(() => at);
  /** Arrow keys go from one site to the next, beyond what is drawn as well. */
  const step = (event: KeyboardEvent, index: number) => {
    const to_ = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: shown.length - 1 }[event.key];
    const element = box.current;
    if (to_ === undefined || element === null || to_ < 0 || to_ >= shown.length) return;
    event.preventDefault();
    element.scrollTop = Math.max(
      0,
      Math.min(to_ * ROW, Math.max(element.scrollTop, (to_ + 3) * ROW - element.clientHeight)),
    );
    look();
    requestAnimationFrame(() =>
      requestAnimationFrame(() => element.querySelector<HTMLElement>(`[data-row="${to_}"]`)?.focus()),
    );
  };
  if (shown.length === 0) return h("p", { class: "none" }, "No site fits.");
  return h(
    "div",
    { class: "scroll list", ref: box, tabIndex: 0, role: "region", "aria-label": "List of sites", onScroll: look },
    h(
      "table",
      { "aria-rowcount": shown.length + 1 },
      h(
        "thead",
        null,
        h(
          "tr",
          { "aria-rowindex": 1 },
          ...columns.map(({ name, right }) =>
            h("th", { key: name, scope: "col", class: right ? "right" : undefined }, name),
          ),
        ),
      ),
      h(
        "tbody",
        null,
        h("tr", { ref: above, key: "above", class: "space", "aria-hidden": "true" }, h("td", null)),
        ...shown
          .slice(from, to)
          .map((row, index) =>
            h(Line, { key: row.site.host, row, index: from + index, columns, at, onPick, onStep: step }),
          ),
        h("tr", { ref: below, key: "below", class: "space", "aria-hidden": "true" }, h("td", null)),
      ),
    ),
  );
};

interface LineProps {
  readonly row: Row;
  readonly index: number;
  readonly columns: ReturnType<typeof siteColumns>;
  readonly at: string;
  readonly onPick: (host: string) => void;
  readonly onStep: (event: KeyboardEvent, index: number) => void;
}

const Line = ({ row: { site }, index, columns, onPick, onStep }: LineProps): VNode =>
  h(
    "tr",
    { "aria-rowindex": index + 2, class: "line" },
    h(
      Fragment,
      null,
      ...columns.map(({ name, right, cell }, at) =>
        at === 0
          ? h(
              "th",
              { key: name, scope: "row" },
              h(
                "button",
                {
                  type: "button",
                  class: "link",
                  "data-row": index,
                  onClick: () => onPick(site.host),
                  onKeyDown: (event: KeyboardEvent) => onStep(event, index),
                },
                site.host,
              ),
            )
          : h("td", { key: name, class: right ? "right" : undefined }, cell(site)),
      ),
    ),
  );
