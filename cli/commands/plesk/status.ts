import type { Command } from "commander";
import { pleskReleases, pleskStatus } from "../../../operations/plesk/status.ts";
import type { ServiceStatus } from "../../../plesk/index.ts";
import { operationCommand } from "../../from-operation.ts";
import { shortRelease, shortTime } from "../../output/services.ts";
import { runOnServices } from "./service-command.ts";

/** `sitefleet plesk status`: what the hosts serve. */
export function registerStatus(plesk: Command): void {
  operationCommand(plesk.command("status"), pleskStatus).action(async (_options, command: Command) => {
    await runOnServices(command, pleskStatus, "asking", {
      head: ["service", "live", "good since", "back to", "releases", "snapshots", "state"],
      rows: (value) => [
        [
          value.service,
          shortRelease(value.live),
          shortTime(value.releases.find(({ live }) => live)?.goodAt ?? null),
          shortRelease(value.rollbackTo),
          value.releases.length,
          value.snapshots.length,
          stateOf(value),
        ],
      ],
    });
  });
}

/** What a person has to know of a service, in words; `ok` when there is nothing. Pure. */
function stateOf(status: ServiceStatus): string {
  const { docroot, live, locks, pending, serves, obstacles, leftovers, releases } = status;
  const [first] = obstacles;
  const words = [
    ...(first === undefined ? [] : [`${first.message}; ${first.hint}`]),
    ...(first === undefined && docroot === "dir"
      ? [
          releases.length === 0
            ? "not deployed by us yet"
            : "visitors see a directory that took the place of our link; the next deployment makes it the release `original`",
        ]
      : []),
    ...(docroot === "absent" ? ["nothing there"] : []),
    ...(first === undefined && docroot === "ours" && live === null
      ? [serves.kind === "nothing" ? "out of service" : `visitors see ${serves.what ?? "something else"}`]
      : []),
    ...(pending ? ["a run was cut off; the next one puts back, or finishes, first"] : []),
    ...(leftovers.length === 0
      ? []
      : [`${leftovers.length} deleted releases are not gone altogether: look at ${status.path}.sitefleet/trash`]),
    ...locks.map(({ holder, expires }) => `locked until ${shortTime(expires)} by ${holder}`),
  ];
  return words.length === 0 ? "ok" : words.join("; ");
}

/** `sitefleet plesk releases`: what a rollback could go to. */
export function registerReleases(plesk: Command): void {
  operationCommand(plesk.command("releases"), pleskReleases).action(async (_options, command: Command) => {
    await runOnServices(command, pleskReleases, "asking", {
      head: ["service", "release or snapshot", "good since", "what"],
      rows: ({ service, releases, snapshots }) => [
        ...releases.map((release) => [
          service,
          release.id.slice(0, 12),
          shortTime(release.goodAt),
          [
            ...(release.live ? ["live"] : []),
            ...(release.previous ? ["live before"] : []),
            ...(release.bad ? ["rolled back"] : []),
            ...(release.usable ? [] : ["not complete"]),
          ].join(", "),
        ]),
        ...snapshots.map(({ name, bytes }) => [service, name, takenAt(name), `snapshot, ${bytes} bytes of dump`]),
      ],
    });
  });
}

/** A snapshot's name begins with the milliseconds since the epoch. */
function takenAt(name: string): string {
  return shortTime(new Date(Number.parseInt(name, 10)).toISOString());
}
