import type { SiteDetail, SiteNow } from "../../fleet/overview/shape.ts";
import { Fragment, h, type VNode } from "./h.ts";
import { type Column, NotKnown, Table, Verdict } from "./parts.ts";
import { ago, number, short } from "./text.ts";

/** The columns of the list of sites. @param now ISO 8601 */
export const siteColumns = (now: () => string): readonly (Column<SiteNow> & { readonly name: string })[] => [
  { name: "Site", cell: ({ host }) => host },
  { name: "Cell", cell: ({ cell }) => cell },
  { name: "Channel", cell: ({ channel, shared }) => (shared ? `${channel}, shared` : channel) },
  {
    name: "Live",
    cell: ({ live, declared }) =>
      live !== undefined && declared !== undefined && live !== declared
        ? `${short(live)} → ${short(declared)}`
        : short(live),
  },
  { name: "Check", cell: ({ verdict }) => h(Verdict, { is: verdict }) },
  { name: "ms", right: true, cell: ({ ms }) => (ms === undefined ? "–" : number(ms, 0)) },
  { name: "Checked", cell: ({ at }) => (at ? ago(at, now()) : "–") },
  { name: "Why", cell: ({ reason }) => reason ?? "" },
];

type Known = Extract<SiteDetail, { known: true }>;

/** All that is known of one site. */
export const Detail = ({ site, now }: { site: SiteDetail; now: string }): VNode => {
  if (!site.known) return h(NotKnown, site);
  const facts: readonly (readonly [string, string])[] = [
    ["Cell", `${site.cell} (${site.stack})`],
    [
      "Source",
      `${site.repository}${site.rootDirectory ? `, ${site.rootDirectory}` : ""}${site.framework ? `, ${site.framework}` : ""}`,
    ],
    ["Channel", `${site.channel}, line ${site.line} of sites.csv`],
    ["Declared release", site.declared ?? "none: what is live stays"],
    ["Live release", site.live ?? "not known"],
    [
      "Cost",
      site.cost.known
        ? `${number(site.cost.monthly, 2)} ${site.cost.currency} a month (${site.cost.note})`
        : `not known: ${site.cost.why}`,
    ],
    ["Incidents", site.incidents.length === 0 ? "none" : site.incidents.join("; ")],
  ];
  return h(
    Fragment,
    null,
    h(
      "dl",
      { class: "facts" },
      ...facts.map(([name, value]) => h("div", { key: name }, h("dt", null, name), h("dd", null, value))),
    ),
    h("h3", null, "Last check"),
    site.check.known ? h(Check, { check: site.check, now }) : h(NotKnown, site.check),
    h("h3", null, "History"),
    h(Table<Known["history"][number]>, {
      caption: "Runs that changed its cell",
      none: "No kept run has changed it.",
      rows: site.history,
      columns: [
        { name: "When", cell: ({ at }) => ago(at, now) },
        { name: "Who", cell: ({ by }) => by },
        { name: "Run", cell: ({ operation, run }) => `${operation} ${run}` },
        { name: "What", cell: ({ what }) => what },
        { name: "Outcome", cell: ({ ok }) => h(Verdict, { is: ok ? "done" : "failed" }) },
      ],
    }),
  );
};

const Check = ({ check, now }: { check: Extract<Known["check"], { known: true }>; now: string }): VNode =>
  h(
    Fragment,
    null,
    h("p", null, h(Verdict, { is: check.verdict }), ` ${ago(check.at, now)}. ${check.reason}`),
    ...check.vantages.map(({ vantage, verdict, ms, findings, evidence }) =>
      h(
        "div",
        { key: vantage },
        h("p", null, `From ${vantage}: `, h(Verdict, { is: verdict }), ms === undefined ? "" : `, ${number(ms, 0)} ms`),
        findings.length > 0 ? h("ul", null, ...findings.map((text, index) => h("li", { key: index }, text))) : null,
        ...evidence.map(({ status, url, headers, excerpt }, index) =>
          h(
            "details",
            { key: index },
            h("summary", null, `Evidence: ${url ?? ""} ${status === undefined ? "no answer" : `answers ${status}`}`),
            headers ? h("p", { class: "seen" }, headers) : null,
            excerpt ? h("p", { class: "seen" }, excerpt) : null,
          ),
        ),
      ),
    ),
    check.vantages.every(({ evidence }) => evidence.length === 0)
      ? h("p", { class: "unknown" }, "What was seen is kept on the machine that asked.")
      : null,
  );
