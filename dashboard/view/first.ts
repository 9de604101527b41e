import type { Overview } from "../../fleet/overview/shape.ts";
import { type ComponentChildren, Fragment, h, type VNode } from "./h.ts";
import { Figure, NotKnown, Section } from "./parts.ts";
import { ago, duration, moment, number, plural } from "./text.ts";

type Has<Part extends keyof Overview> = { readonly overview: Pick<Overview, Part | "at"> };

/** Is everything up? */
export const Up = ({ overview: { up, at } }: Has<"up">): VNode =>
  h(
    Section,
    { id: "up", title: "Is everything up?" },
    h(
      "p",
      { class: `lead ${up.state}` },
      h("span", { "aria-hidden": "true" }, { up: "✓ ", down: "✕ ", unknown: "? " }[up.state]),
      up.sentence,
    ),
    up.newestAt
      ? h(
          "p",
          null,
          `Checked ${ago(up.newestAt, at)}`,
          up.oldestAt && up.oldestAt !== up.newestAt ? `, the oldest check ${ago(up.oldestAt, at)}` : "",
          ".",
        )
      : null,
    up.unchecked > 0 ? h("p", { class: "unknown" }, "To check all: ", h("code", null, "sitefleet health")) : null,
    up.failures.length > 0
      ? h(
          "ul",
          { class: "plain" },
          ...up.failures
            .slice(0, 4)
            .map(({ host, reason }) => h("li", { key: host }, h("strong", null, host), ` ${reason}`)),
        )
      : null,
    up.failing > 4 ? h("p", null, `and ${up.failing - 4} more`) : null,
  );

/** What runs now. @param actions what may be asked of the rollout; a snapshot has none */
export const Now = ({
  overview: { runs, rollout, unknown },
  actions,
}: Has<"runs" | "rollout" | "unknown"> & { actions?: ComponentChildren }): VNode => {
  const live = rollout !== null && ["running", "paused", "aborting"].includes(rollout.status) ? rollout : undefined;
  const shown = runs.filter(({ alive }) => alive);
  return h(
    Section,
    { id: "now", title: "What runs now" },
    live
      ? h(
          Fragment,
          null,
          h("p", { class: "lead" }, `Rollout ${live.status}`, live.wave ? `, wave ${live.wave}` : ""),
          h("progress", {
            max: Math.max(1, live.sites),
            value: live.sitesDone,
            "aria-label": "sites that have passed",
          }),
          h(
            "p",
            null,
            h(
              "span",
              { id: "rollout-sites" },
              `${number(live.sitesDone)} of ${plural(live.sites, "site")} have passed`,
            ),
            live.sitesActive > 0 ? `, ${number(live.sitesActive)} in this wave` : "",
          ),
          live.waitsFor ? h("p", null, `Waits: ${live.waitsFor}.`) : null,
          h(Left, live),
        )
      : null,
    ...shown.map((run) =>
      h(
        "div",
        { key: `${run.run}${run.startedAt}`, class: "run" },
        h(
          "p",
          null,
          h("strong", null, run.operation),
          ` by ${run.by}: `,
          h(
            "span",
            { class: "run-figures" },
            `${run.done} done, ${run.failed} failed, ${run.active.length} active, ${run.queued} queued of ${run.total} stacks`,
          ),
          run.partial ? " (events are missing: it may be further)" : "",
        ),
        h("progress", {
          max: Math.max(1, run.total),
          value: run.done + run.failed,
          "aria-label": `${run.operation}: stacks that have ended`,
        }),
        run.waitsFor && !live ? h("p", null, `Waits ${run.waitsFor}.`) : null,
        live ? null : h(Left, run),
      ),
    ),
    !live && shown.length === 0 ? nothing(unknown) : null,
    actions,
  );
};

/** Nothing runs, or that is not known. Pure. @param unknown sources that could not be read */
function nothing(unknown: Overview["unknown"]): VNode {
  const missing = unknown.find(({ what }) => ["runs", "the rollout", "who works"].includes(what));
  return missing === undefined ? h("p", { class: "none" }, "Nothing runs.") : h(NotKnown, missing);
}

const Left = ({ secondsLeft, leftFrom }: { secondsLeft: number | null; leftFrom: string }): VNode =>
  h(
    "p",
    null,
    "Time left: ",
    secondsLeft === null ? "not known" : h("strong", null, duration(secondsLeft)),
    h("small", null, ` (${leftFrom})`),
  );

/** What waits for a person, with the exact command. */
export const Waits = ({ overview: { waits, at } }: Has<"waits">): VNode =>
  h(
    Section,
    { id: "waits", title: "What waits for a person" },
    waits.length === 0
      ? h("p", { class: "none" }, "Nothing waits for a person.")
      : h(
          "ul",
          { class: "plain" },
          ...waits
            .slice(0, 6)
            .map(({ kind, sentence, command, since, until }, index) =>
              h(
                "li",
                { key: index },
                h("strong", null, kind),
                ` ${sentence}`,
                h("code", { tabIndex: 0 }, command),
                h("small", null, `since ${ago(since, at)}`, until ? `, until ${moment(until)}` : ""),
              ),
            ),
        ),
    waits.length > 6 ? h("p", null, `and ${waits.length - 6} more below`) : null,
  );

/** How deployments go. */
export const Deployed = ({ overview: { deployments: is } }: Has<"deployments">): VNode => {
  const days = "of the last 7 days";
  const mean = is.meanReleaseSeconds ?? is.meanStackSeconds;
  return h(
    Section,
    { id: "deployed", title: "Deployments" },
    h(
      "dl",
      { class: "figures" },
      h(Figure, { name: "Active", value: number(is.active), note: "stacks" }),
      h(Figure, { name: "Queued", value: number(is.queued), note: "stacks" }),
      h(Figure, {
        name: "Success",
        value: is.successPercent === undefined ? "none yet" : `${number(is.successPercent, 2)} %`,
        note:
          is.successPercent === undefined
            ? days
            : is.releases + is.failedReleases > 0
              ? `of ${plural(is.releases + is.failedReleases, "release")} ${days}`
              : `of ${plural(is.stacks, "stack")} ${days}`,
      }),
      h(Figure, {
        name: "Mean time",
        value: mean === undefined ? "not known" : `${number(mean)} s`,
        note: is.meanReleaseSeconds === undefined ? "a stack" : "a release",
      }),
    ),
  );
};

/** Budgets left a vendor. */
export const Budgets = ({ overview: { budgets, at } }: Has<"budgets">): VNode =>
  h(
    Section,
    { id: "budgets", title: "Budgets left" },
    !budgets.known
      ? h(NotKnown, budgets)
      : budgets.vendors.length === 0
        ? h("p", { class: "none" }, "No call was counted yet: all budgets are whole.")
        : h(
            "ul",
            { class: "plain" },
            ...budgets.vendors.flatMap(({ vendor, limits }) =>
              limits.slice(0, 2).map(({ limit, left, amount, nextAt, blocked }) =>
                h(
                  "li",
                  { key: `${vendor}${limit}` },
                  `${limit}: `,
                  h("strong", null, `${number(left)} of ${number(amount)}`),
                  h("meter", {
                    min: 0,
                    max: Math.max(1, amount),
                    low: amount * 0.1,
                    value: left,
                    "aria-label": `left of ${limit}`,
                  }),
                  left > 0 && !blocked
                    ? null
                    : h(
                        "small",
                        null,
                        nextAt === null ? "free when a stack ends" : `next free ${ago(nextAt, at)}`,
                        blocked ? ", the vendor has refused" : "",
                      ),
                ),
              ),
            ),
          ),
  );

/** One figure where both ends are the same. Pure. */
const rangeOf = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  low === high ? number(low, 2) : `${number(low, 2)} to ${number(high, 2)}`;

/** The best hours, the month's cost, how to scale. */
export const Outlook = ({
  overview: { window, cost, advice },
  plot,
}: Has<"window" | "cost" | "advice"> & { plot?: ComponentChildren }): VNode =>
  h(
    Section,
    { id: "outlook", title: "Window, cost, scaling" },
    h(
      "p",
      null,
      "Best window: ",
      h("strong", null, `${moment(window.from)} to ${window.to.slice(11, 16)}`),
      h("small", null, ` (${window.reason})`),
    ),
    cost.known
      ? h(
          "p",
          null,
          "Month: ",
          h(
            "strong",
            null,
            cost.expected === undefined
              ? `${rangeOf(cost)} ${cost.currency}`
              : `${number(cost.expected, 2)} ${cost.currency}`,
          ),
          cost.expected === undefined ? "" : `, ${rangeOf(cost)}`,
          cost.budget === undefined ? "" : `, target ${number(cost.budget, 2)}`,
          h(
            "small",
            null,
            ` (${cost.interval}${cost.dependsOn.length > 0 ? `; more with ${cost.dependsOn.join(", ")}` : ""})`,
          ),
        )
      : h("p", null, "Month's cost: ", h(NotKnown, cost)),
    plot,
    ...advice
      .slice(0, 2)
      .map(({ says, because }, index) =>
        h("p", { key: index }, h("strong", null, says), h("small", null, ` (${because})`)),
      ),
  );
