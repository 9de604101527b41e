import type { Overview } from "../../fleet/overview/shape.ts";
import { h, type VNode } from "./h.ts";
import { NotKnown, Section, Table, Verdict } from "./parts.ts";
import { ago, number, plural, short } from "./text.ts";

type Service = Overview["services"][number];
type OnHost = Extract<Service["onHost"], { known: true }>;

/** What a look at the host says, or that there was none. */
const seen =
  (cell: (onHost: OnHost) => string) =>
  ({ onHost }: Service): string =>
    onHost.known ? cell(onHost) : "not known";

/** A share that is short of room is said in words as well: colour alone says nothing to some. Pure. */
function diskOf({ diskFreeBytes, diskBytes }: OnHost): string {
  if (diskFreeBytes === undefined || !diskBytes) return "not known";
  const percent = (diskFreeBytes / diskBytes) * 100;
  return `${number(diskFreeBytes / 2 ** 30)} GiB, ${number(percent, 0)} %${percent < 20 ? ", little" : ""}`;
}

function migrationsOf({ migrations }: OnHost): string {
  if (migrations === undefined) return "not kept by number";
  return migrations.failed > 0
    ? `${number(migrations.applied)}, ${number(migrations.failed)} failed`
    : number(migrations.applied);
}

function databaseOf({ database, onHost }: Service): string {
  if (database === null) return "none";
  if (!onHost.known || onHost.databaseUp === undefined) return database;
  if (!onHost.databaseUp) return `${database}: does not let the service in`;
  const { connections, connectionsLimit } = onHost;
  return connections === undefined || connectionsLimit === undefined
    ? database
    : `${database}: ${number(connections)} of ${number(connectionsLimit)} connections`;
}

const stateOf = ({ deployed, cutOff, locked }: OnHost): string =>
  [cutOff ? "a run was cut off" : "", locked ? "locked by a run" : "", deployed ? "" : "no release of ours"]
    .filter((part) => part !== "")
    .join(", ") || "–";

/** The services: what is live, checked, and seen on their hosts. */
export const Services = ({
  overview: { services, at },
}: {
  readonly overview: Pick<Overview, "services" | "at">;
}): VNode => {
  const unseen = services.flatMap(({ onHost }) => (onHost.known ? [] : [onHost]));
  const looks = services.flatMap(({ onHost }) => (onHost.known ? [onHost.at] : [])).sort();
  const [why] = unseen;
  return h(
    Section,
    { id: "services", title: "Services", wide: true },
    h(Table<Service>, {
      caption: "Services with what is live as of the last update",
      none: "No service is declared.",
      rows: services,
      columns: [
        { name: "Service", cell: ({ key }) => key },
        { name: "Host", cell: ({ host }) => host },
        { name: "Kind", cell: ({ kind }) => kind },
        { name: "Release", cell: ({ release }) => short(release?.replace(/^sha256:/, "")) },
        { name: "Check", cell: ({ verdict }) => h(Verdict, { is: verdict }) },
        { name: "ms", right: true, cell: ({ ms }) => (ms === undefined ? "–" : number(ms, 0)) },
        { name: "Checked", cell: ({ at: when }) => (when ? ago(when, at) : "–") },
        {
          name: "Certificate ends",
          cell: ({ certificateUntil }) => (certificateUntil ? ago(certificateUntil, at) : "not known"),
        },
        { name: "Database", cell: databaseOf },
        {
          name: "Snapshot",
          cell: (one) =>
            one.database === null
              ? "–"
              : seen(({ snapshotAt }) => (snapshotAt === undefined ? "none" : ago(snapshotAt, at)))(one),
        },
        { name: "Migrations", cell: (one) => (one.database === null ? "–" : seen(migrationsOf)(one)) },
        { name: "Disk free", right: true, cell: seen(diskOf) },
        { name: "On its host", cell: seen(stateOf) },
        { name: "Why", cell: ({ reason }) => reason ?? "" },
      ],
    }),
    looks[0] === undefined ? null : h("p", null, `Hosts as seen ${ago(looks[0], at)} by sitefleet metrics or watch.`),
    why === undefined
      ? null
      : h(NotKnown, { why: `of ${plural(unseen.length, "service")}: ${why.why}`, command: why.command }),
  );
};
