import type { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { type Access, documentOf, type Server, type ServiceSpec } from "./document.ts";

/** What a service needs that may be secret or not known yet. */
export interface SecretInputs {
  readonly privateKey: pulumi.Input<string>;
  /** How its database is reached from the host. @default none */
  readonly access?: { readonly [Field in keyof Access]: pulumi.Input<Access[Field]> };
  /** Further variables of the service's `.env`. @default none */
  readonly env?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** The driver's commands. Relative to the project's root, which is where the engine starts its providers. */
export const driver = (command: string) => `node plesk/main.ts ${command}`;

/**
 * The arguments of the one command that deploys a service. Pure.
 *
 * Nothing secret is in a command or an environment: the whole document goes over stdin, and what the driver prints is
 * kept as a secret. `create` and `update` are the same idempotent transaction; `delete` takes the service out of service.
 * The artifact's digest is an ordinary input, since a change of `triggers` would run the old resource's `delete` after
 * the new one's `create`.
 */
export function planDeploy(spec: ServiceSpec, server: Server, secrets: SecretInputs, owner: string): local.CommandArgs {
  const { privateKey, access, env } = secrets;
  const document = pulumi
    .output({ privateKey, access, env: env ?? {} })
    .apply(({ access, ...values }) => documentOf(spec, server, { ...values, ...(access ? { access } : {}) }, owner));
  return {
    create: driver("deploy"),
    update: driver("deploy"),
    delete: driver("retire"),
    stdin: pulumi.secret(document.apply((value) => JSON.stringify(value))),
    // One output line over 64 KiB hangs the provider for ever when it logs; what we need is in the result line.
    logging: "none",
    addPreviousOutputInEnv: false,
  };
}

/** What a deployment says that it brought. */
export interface Deployed {
  /** Its release, 64 hex digits. */
  readonly release: string;
  /** Digest of what was asked for, without secrets. */
  readonly spec: string;
}

/**
 * Two digests of a deployment's result line. They are no secrets; the rest of the line is treated as one. Empty when the line is not
 * the driver's.
 */
export function deployedOf(stdout: pulumi.Input<string>): pulumi.Output<Deployed> {
  const digest = (text: string, name: string) => new RegExp(`"${name}":"([0-9a-f]{64})"`).exec(text)?.[1] ?? "";
  const found = pulumi
    .output(stdout)
    .apply((text): Deployed => ({ release: digest(text, "release"), spec: digest(text, "spec") }));
  return pulumi.unsecret(found);
}
