import type { CellNow, Overview } from "../../fleet/overview/shape.ts";
import { type ComponentChildren, Fragment, h, type VNode } from "./h.ts";
import { NotKnown, Section, Table, Verdict } from "./parts.ts";
import { ago, moment, number, plural, short } from "./text.ts";

type Has<Part extends keyof Overview> = { readonly overview: Pick<Overview, Part | "at"> };

/** How a cell is, worst first. Pure. */
function cellClass({ failing, inconclusive, unchecked, passing }: CellNow): string {
  if (failing > 0) return "fail";
  if (inconclusive > 0) return "inconclusive";
  return unchecked > 0 || passing === 0 ? "none" : "pass";
}

const SIGN: Readonly<Record<string, string>> = { fail: "✕", inconclusive: "~", none: "?", pass: "✓" };

/** The cells as a heat map. @param onPick shows a cell's sites; a snapshot has none */
export const Cells = ({
  overview: { cells, at },
  onPick,
  picked,
}: Has<"cells"> & { onPick?: (cell: string) => void; picked?: string }): VNode =>
  h(
    Section,
    { id: "cells", title: "Cells", wide: true },
    h(
      "p",
      { class: "legend" },
      ...Object.entries({ pass: "all pass", fail: "some fail", inconclusive: "not judged", none: "not checked" }).map(
        ([name, text]) => h("span", { key: name, class: `key ${name}` }, `${SIGN[name]} ${text}`),
      ),
      h("span", { class: "key active" }, "framed: in the run that is under way"),
    ),
    h(
      "ul",
      { class: "heat" },
      ...cells.map((cell) => {
        const look = cellClass(cell);
        const says = `${cell.cell}: ${plural(cell.sites, "site")}, ${cell.passing} pass, ${cell.failing} fail, ${cell.inconclusive + cell.unchecked} not known; ${cell.state}${cell.updatedAt ? `, updated ${ago(cell.updatedAt, at)}` : ""}`;
        const content = [
          h("b", null, cell.cell),
          h("span", { "aria-hidden": "true" }, ` ${SIGN[look]}`),
          h("i", null, number(cell.sites)),
        ];
        const attributes = { class: `cell ${look} is-${cell.state}`, title: says };
        return h(
          "li",
          { key: cell.cell },
          onPick
            ? h(
                "button",
                {
                  ...attributes,
                  type: "button",
                  "aria-label": `Cell ${says}`,
                  "aria-pressed": picked === cell.cell ? "true" : "false",
                  onClick: () => onPick(cell.cell),
                },
                ...content,
              )
            : h("span", attributes, ...content),
        );
      }),
    ),
  );

export const Zones = ({ overview: { zones } }: Has<"zones">): VNode =>
  h(
    Section,
    { id: "zones", title: "Zones and records", wide: true },
    h(Table<Overview["zones"][number]>, {
      caption: "Zones as declared",
      none: "No zone is declared.",
      rows: zones,
      columns: [
        { name: "Zone", cell: ({ zone }) => zone },
        { name: "Kind", cell: ({ kind }) => kind },
        { name: "Mode", cell: ({ mode }) => mode },
        { name: "DNS", cell: ({ dns }) => dns ?? "–" },
        { name: "Sites", right: true, cell: ({ sites }) => number(sites) },
        {
          name: "Records of its own",
          cell: ({ records }) =>
            records.length === 0
              ? "none"
              : h(
                  "ul",
                  { class: "plain" },
                  ...records.map(({ name, type, value }, index) => h("li", { key: index }, `${name} ${type} ${value}`)),
                ),
        },
      ],
    }),
  );

/** The waves of the newest rollout, and the runs. */
export const Runs = ({
  overview: { past, rollout, at },
  plot,
}: Has<"past" | "rollout"> & { plot?: ComponentChildren }): VNode =>
  h(
    Section,
    { id: "runs", title: "Rollouts and runs", wide: true },
    rollout
      ? h(Table<NonNullable<Overview["rollout"]>["waves"][number]>, {
          caption: `Newest rollout ${rollout.id}: ${rollout.status}${rollout.reason ? `, ${rollout.reason}` : ""}`,
          none: "It has no wave.",
          rows: rollout.waves,
          columns: [
            { name: "Wave", cell: ({ name, services }) => (services ? `${name}: ${services.join(", ")}` : name) },
            { name: "Step", cell: ({ step }) => step },
            {
              name: "Brings",
              cell: ({ sites, services }) => (services ? services.join(", ") : plural(sites, "site")),
            },
            { name: "Judged", right: true, cell: ({ checked }) => (checked === undefined ? "–" : number(checked)) },
            {
              name: "Failing",
              right: true,
              cell: ({ failurePercent }) => (failurePercent === undefined ? "–" : `${number(failurePercent, 2)} %`),
            },
            { name: "Verdict", cell: ({ verdict }) => (verdict ? h(Verdict, { is: verdict }) : "–") },
            { name: "Why", cell: ({ reason }) => reason },
          ],
        })
      : h("p", { class: "none" }, "There was no rollout yet."),
    plot,
    h(Table<Overview["past"][number]>, {
      caption: "Runs, the newest first",
      none: "No run has kept anything yet.",
      rows: past,
      columns: [
        { name: "Run", cell: ({ run }) => run },
        { name: "What", cell: ({ operation }) => operation },
        { name: "By", cell: ({ by }) => by },
        { name: "Began", cell: ({ startedAt }) => ago(startedAt, at) },
        { name: "min", right: true, cell: ({ minutes }) => (minutes === undefined ? "–" : number(minutes)) },
        {
          name: "Stacks",
          right: true,
          cell: ({ stacks, failedStacks }) => (failedStacks > 0 ? `${stacks}, ${failedStacks} failed` : number(stacks)),
        },
        { name: "Outcome", cell: ({ outcome }) => h(Verdict, { is: outcome }) },
        { name: "Judgement", cell: ({ judged }) => judged || "–" },
      ],
    }),
  );

export const Incidents = ({ overview: { incidents, at } }: Has<"incidents">): VNode =>
  h(
    Section,
    { id: "incidents", title: "Incidents", wide: true },
    h(Table<Overview["incidents"][number]>, {
      caption: "Incidents that are not closed",
      none: "No incident is open.",
      rows: incidents,
      columns: [
        { name: "Incident", cell: ({ id }) => id },
        { name: "State", cell: ({ state }) => state },
        { name: "Rule", cell: ({ rule }) => rule },
        { name: "About", cell: ({ scope }) => scope },
        { name: "What", cell: ({ sentence }) => sentence },
        { name: "Since", cell: ({ raisedAt }) => ago(raisedAt, at) },
      ],
    }),
  );

export const Drift = ({ overview: { drift, at } }: Has<"drift">): VNode =>
  h(
    Section,
    { id: "drift", title: "Drift" },
    drift.known
      ? h(
          Fragment,
          null,
          h("p", null, drift.sentence),
          h("small", null, `seen ${ago(drift.at, at)}`),
          ...drift.examples.map((one) => h("p", { key: one }, one)),
        )
      : h(NotKnown, drift),
  );

export const Approvals = ({ overview: { approvals, badReleases } }: Has<"approvals" | "badReleases">): VNode =>
  h(
    Section,
    { id: "approvals", title: "Approvals and refused releases", wide: true },
    h(Table<Overview["approvals"][number]>, {
      caption: "Requests that can still be answered",
      none: "No request for an approval is open.",
      rows: approvals,
      columns: [
        { name: "Request", cell: ({ id }) => id.slice(0, 8) },
        { name: "Operation", cell: ({ operation }) => operation },
        { name: "Does", cell: ({ does }) => does },
        { name: "Asks", cell: ({ asks }) => asks.join("; ") },
        { name: "Until", cell: ({ expires }) => moment(expires) },
      ],
    }),
    h(Table<Overview["badReleases"][number]>, {
      caption: "Releases that were rolled back and are refused",
      none: "No release is refused.",
      rows: badReleases,
      columns: [
        { name: "Repository", cell: ({ repository }) => repository },
        { name: "Commit", cell: ({ commit }) => short(commit) },
        { name: "Why", cell: ({ reason }) => reason },
        { name: "Since", cell: ({ at }) => moment(at) },
      ],
    }),
  );
