import type { ComponentResource, Input, Resource } from "@pulumi/pulumi";
import type { Dns } from "./dns.ts";
import type { PlannedRecord } from "./plan.ts";

/** Declares planned records as children of a component. */
export function declareRecords(
  parent: ComponentResource,
  planned: readonly PlannedRecord[],
  dns: Dns,
  zoneId: Input<string>,
): void {
  const made = new Map<string, Resource>();
  const one = ({ name, record, formerly, after }: PlannedRecord) => {
    const before = after === undefined ? undefined : made.get(after);
    const opts = {
      parent,
      // A vendor refuses the new record while the old one is there.
      deleteBeforeReplace: true,
      aliases: formerly.map((old) => ({ name: old })),
      ...(before ? { dependsOn: [before] } : {}),
    };
    made.set(name, dns.record(name, record, zoneId, opts));
  };
  for (const record of planned.filter(({ after }) => after === undefined)) one(record);
  for (const record of planned.filter(({ after }) => after !== undefined)) one(record);
}
