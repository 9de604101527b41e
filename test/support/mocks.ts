import * as pulumi from "@pulumi/pulumi";

/** A resource that a component registered under Pulumi's mocks. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  /** URN of the provider it was registered with; empty for components. */
  readonly provider: string;
}

/** Runs `declare` under mocks and returns every child that was registered: components first, then by
 * type and name (the order of registration is not part of a component's interface). Ids are `<name>-id`. */
export async function registered(declare: () => unknown, outputs: Record<string, unknown> = {}): Promise<Registered[]> {
  const found: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        found.push({ type: args.type, name: args.name, inputs: args.inputs, provider: args.provider ?? "" });
        return { id: `${args.name}-id`, state: { ...args.inputs, ...outputs } };
      },
      call: (args) => ({ ...args.inputs, id: "zone-from-lookup", zoneId: "zone-from-lookup" }),
    },
    "sitefleet",
    "prod",
    false,
  );
  await pulumi.runtime.runInPulumiStack(async () => {
    await declare();
  });
  // Registrations go on in the background: this waits for all of them.
  await pulumi.runtime.disconnect();
  const key = ({ type, name }: Registered) => `${type.startsWith("sitefleet:") ? 0 : 1} ${type} ${name}`;
  return found.filter(({ type }) => type !== "pulumi:pulumi:Stack").sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The registered resources of one type. */
export function ofType(all: readonly Registered[], type: string): Registered[] {
  return all.filter((resource) => resource.type === type);
}
