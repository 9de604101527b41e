import type { Overview, SiteNow } from "../../fleet/overview/shape.ts";
import { Approvals, Cells, Drift, Incidents, Runs, Zones } from "./below.ts";
import { Budgets, Deployed, Now, Outlook, Up, Waits } from "./first.ts";
import { Fragment, h, type VNode } from "./h.ts";
import { Doubt, Missing } from "./missing.ts";
import { Section, Table } from "./parts.ts";
import { Services } from "./services.ts";
import { siteColumns } from "./site.ts";
import { moment, number } from "./text.ts";

/** The page without a program: all that the live one has, with every site in one table. */
export const Snapshot = ({ overview }: { overview: Overview }): VNode => {
  const { sites = [], cost, at, target } = overview;
  return h(
    Fragment,
    null,
    h(
      "header",
      null,
      h("h1", null, `sitefleet ${target}`),
      h("p", null, `Snapshot of ${moment(at)}. It does not change; times count from then.`),
      h(Doubt, { overview }),
    ),
    h(
      "main",
      null,
      h(
        "div",
        { class: "grid" },
        ...[
          h(Up, { overview }),
          h(Now, { overview }),
          h(Waits, { overview }),
          h(Deployed, { overview }),
          h(Budgets, { overview }),
          h(Outlook, { overview }),
        ],
      ),
      h(
        "div",
        { class: "grid" },
        h(Missing, { overview }),
        h(Cells, { overview }),
        h(Services, { overview }),
        h(Zones, { overview }),
        h(Runs, { overview }),
        h(Incidents, { overview }),
        h(Drift, { overview }),
        h(Approvals, { overview }),
      ),
      cost.known && cost.days.length > 0
        ? h(
            Section,
            { id: "days", title: "Cost by day", wide: true },
            h(Table<(typeof cost.days)[number]>, {
              caption: `Since the cycle's beginning, ${cost.currency}`,
              none: "",
              rows: cost.days,
              columns: [
                { name: "Day", cell: ({ day }) => day },
                { name: "Sum", right: true, cell: ({ expected }) => number(expected, 2) },
                { name: "From", right: true, cell: ({ low }) => number(low, 2) },
                { name: "To", right: true, cell: ({ high }) => number(high, 2) },
                { name: "", cell: ({ known }) => (known ? "charged" : "forecast") },
              ],
            }),
          )
        : null,
      h(
        Section,
        { id: "sites", title: "Sites", wide: true },
        h(Table<SiteNow>, {
          caption: `All ${number(sites.length)} sites`,
          none: "No site is declared.",
          rows: sites,
          columns: siteColumns(() => at),
        }),
      ),
    ),
  );
};
