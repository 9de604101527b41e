/** A panel of a dashboard, in what varies. */
export interface Panel {
  readonly title: string;
  readonly kind: "stat" | "timeseries" | "table";
  /** PromQL with the legend of its series. */
  readonly queries: readonly (readonly [expr: string, legend: string])[];
  /** Grafana's unit. @default a plain number */
  readonly unit?: "s" | "bytes" | "percentunit" | "dateTimeFromNow" | "short";
  /** Of 24 columns, and rows. @default 12 × 8 */
  readonly size?: readonly [width: number, height: number];
  /** Red from this value on; below it with `redBelow`. @default no colour */
  readonly redFrom?: number;
  readonly redBelow?: number;
}

/** A dashboard, in what varies. */
export interface Board {
  /** Stable: links and provisioning go by it. */
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Uid of the data source that is provisioned beside the dashboards. */
export const DATA_SOURCE = "sitefleet-prometheus";
const WIDTH = 24;

/**
 * A dashboard as Grafana 10 to 13 read it (schema 39, the form that files are provisioned in). Grafana's Foundation SDK would check the
 * same fields; panels of three kinds do not pay for it. Pure.
 */
export function dashboardOf({ uid, title, panels }: Board): unknown {
  let [x, y, row] = [0, 0, 0];
  const placed = panels.map((panel, index) => {
    const [w, h] = panel.size ?? [12, 8];
    if (x + w > WIDTH) [x, y, row] = [0, y + row, 0];
    const one = panelOf(panel, index + 1, { x, y, w, h });
    [x, row] = [x + w, Math.max(row, h)];
    return one;
  });
  return {
    id: null,
    uid,
    title,
    tags: ["sitefleet"],
    schemaVersion: 39,
    editable: false,
    timezone: "browser",
    refresh: "1m",
    time: { from: "now-24h", to: "now" },
    templating: { list: [] },
    annotations: { list: [] },
    panels: placed,
  };
}

function panelOf(
  { title, kind, queries, unit = "short", redFrom, redBelow }: Panel,
  id: number,
  gridPos: object,
): unknown {
  const steps =
    redBelow === undefined
      ? [{ color: "green", value: null }, ...(redFrom === undefined ? [] : [{ color: "red", value: redFrom }])]
      : [
          { color: "red", value: null },
          { color: "green", value: redBelow },
        ];
  return {
    id,
    type: kind,
    title,
    gridPos,
    datasource: { type: "prometheus", uid: DATA_SOURCE },
    targets: queries.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode(65 + index),
      expr,
      legendFormat,
      instant: kind !== "timeseries",
      range: kind === "timeseries",
      format: kind === "table" ? "table" : "time_series",
    })),
    fieldConfig: { defaults: { unit, thresholds: { mode: "absolute", steps } }, overrides: [] },
    options: kind === "stat" ? { reduceOptions: { calcs: ["lastNotNull"] }, colorMode: "background" } : {},
  };
}
