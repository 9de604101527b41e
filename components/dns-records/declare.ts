import * as cloudflare from "@pulumi/cloudflare";
import type { ComponentResource } from "@pulumi/pulumi";
import { type Transform, transformed } from "../transform.ts";
import type { PlannedRecord } from "./plan.ts";

/** Declares planned records as children of a component. */
export function declareRecords(
  parent: ComponentResource,
  planned: readonly PlannedRecord[],
  transform: Transform<cloudflare.DnsRecordArgs> | undefined,
): void {
  const made = new Map<string, cloudflare.DnsRecord>();
  const one = ({ name, args, formerly, after }: PlannedRecord) => {
    const before = after === undefined ? undefined : made.get(after);
    const opts = {
      parent,
      // Cloudflare refuses the new record while the old one is there.
      deleteBeforeReplace: true,
      aliases: formerly.map((old) => ({ name: old })),
      ...(before ? { dependsOn: [before] } : {}),
    };
    made.set(name, new cloudflare.DnsRecord(...transformed(transform, name, args, opts)));
  };
  for (const record of planned.filter(({ after }) => after === undefined)) one(record);
  for (const record of planned.filter(({ after }) => after !== undefined)) one(record);
}
