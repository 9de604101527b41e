import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { SiteDetail } from "../../fleet/overview/shape.ts";
import { Approvals, Cells, Drift, Incidents, Runs, Zones } from "../view/below.ts";
import { ALL, type Filter } from "../view/choose.ts";
import { Budgets, Deployed, Now, Outlook, Up, Waits } from "../view/first.ts";
import { Fragment, h, type VNode } from "../view/h.ts";
import { Doubt, Missing } from "../view/missing.ts";
import { Services } from "../view/services.ts";
import { Detail } from "../view/site.ts";
import { duration, moment } from "../view/text.ts";
import { Actions } from "./ask.ts";
import { LATE_MS, Server } from "./connect.ts";
import { CostPlot, RunsPlot } from "./plots.ts";
import { Sites } from "./sites.ts";
import type { Known } from "./state.ts";

const token = location.hash.slice(1) || (sessionStorage.getItem("token") ?? "");
if (token !== "") sessionStorage.setItem("token", token);
// Neither the history nor a picture of the window holds it.
history.replaceState(null, "", location.pathname);
const server = new Server(token);

/** Of the connection. `heard`: by the page's own clock, ms. */
interface Link {
  readonly heard: number;
  readonly why: string;
  readonly final: boolean;
}

const App = (): VNode => {
  const [known, setKnown] = useState<Known>();
  const [link, setLink] = useState<Link>({ heard: 0, why: "", final: false });
  const [now, setNow] = useState(performance.now());
  const [filter, setFilter] = useState<Filter>(ALL);
  const [host, setHost] = useState<string>();
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1000);
    void server.follow({
      known: setKnown,
      heard: () => setLink({ heard: performance.now(), why: "", final: false }),
      lost: (why, final) => setLink((before) => ({ heard: before.heard, why, final: final || before.final })),
    });
    return () => clearInterval(timer);
  }, []);
  if (known === undefined)
    return h(
      "main",
      { class: "start" },
      h("h1", null, "sitefleet"),
      h(
        "p",
        { role: "status" },
        token === ""
          ? "The address lacks the token: open the one that was printed at the start."
          : link.why || "Reading …",
      ),
    );
  const { overview, rows } = known;
  const age = now - link.heard;
  const stale = link.final || age > known.everyMs + LATE_MS;
  const pick = (cell: string) => {
    setFilter({ ...ALL, cell: filter.cell === cell ? "" : cell });
    document.getElementById("sites")?.scrollIntoView();
  };
  return h(
    Fragment,
    null,
    h("a", { class: "skip", href: "#sites" }, "To the list of sites"),
    h(
      "header",
      { class: stale ? "stale" : "" },
      h("h1", null, `sitefleet ${overview.target}`),
      h(
        "p",
        { id: "state", role: "status", "data-stale": stale ? "yes" : "no", "data-at": overview.at },
        stale
          ? `Stale: nothing was heard for ${duration(age / 1000)}${link.why ? ` (${link.why})` : ""}. What is shown is of ${moment(overview.at)}.`
          : "Live",
      ),
      h(Doubt, { overview }),
      h(
        "nav",
        { "aria-label": "Parts" },
        ...["sites", "cells", "services", "zones", "runs", "incidents", "drift", "approvals"].map((part) =>
          h("a", { key: part, href: `#${part}` }, part),
        ),
      ),
    ),
    h(
      "main",
      null,
      h(
        "div",
        { class: "grid first" },
        h(Up, { overview }),
        h(Now, { overview, actions: h(Actions, { rollout: overview.rollout, server }) }),
        h(Waits, { overview }),
        h(Deployed, { overview }),
        h(Budgets, { overview }),
        h(Outlook, { overview, plot: h(CostPlot, { cost: overview.cost }) }),
      ),
      h(
        "div",
        { class: "grid" },
        h(Missing, { overview }),
        h(Cells, { overview, onPick: pick, picked: filter.cell }),
        h(Sites, {
          rows,
          zones: overview.zones,
          cells: overview.cells,
          at: overview.at,
          filter,
          onFilter: setFilter,
          onPick: setHost,
        }),
        h(Services, { overview }),
        h(Zones, { overview }),
        h(Runs, { overview, plot: h(RunsPlot, { past: overview.past }) }),
        h(Incidents, { overview }),
        h(Drift, { overview }),
        h(Approvals, { overview }),
      ),
    ),
    host === undefined ? null : h(SiteDialog, { key: host, host, now: overview.at, onEnd: () => setHost(undefined) }),
  );
};

const SiteDialog = ({ host, now, onEnd }: { host: string; now: string; onEnd: () => void }): VNode => {
  const box = useRef<HTMLDialogElement>(null);
  const [site, setSite] = useState<SiteDetail>();
  useEffect(() => {
    box.current?.showModal();
    const failed: SiteDetail = { known: false, why: "the server does not answer" };
    server
      .ask(`/api/site?host=${encodeURIComponent(host)}`)
      .then(async (answer) => setSite(answer.ok ? ((await answer.json()) as SiteDetail) : failed))
      .catch(() => setSite(failed));
  }, []);
  return h(
    "dialog",
    { ref: box, class: "site", "aria-labelledby": "site-title", onClose: onEnd },
    h(
      "div",
      { class: "bar" },
      h("h2", { id: "site-title" }, host),
      h("button", { type: "button", onClick: () => box.current?.close() }, "Close"),
    ),
    site === undefined ? h("p", { role: "status" }, "Reading …") : h(Detail, { site, now }),
  );
};

render(h(App, null), document.getElementById("app") as HTMLElement);
