import type { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { DeployDocumentInput } from "../../plesk/input.ts";

/** How the driver reaches the host. All values may be secret. */
export interface Connection {
  readonly address: pulumi.Input<string>;
  readonly port: pulumi.Input<number>;
  readonly user: pulumi.Input<string>;
  readonly privateKey: pulumi.Input<string>;
  /** The host's public keys, one a line. Required: nothing is trusted on first use. */
  readonly hostKey: pulumi.Input<string>;
}

/** What a service on the Plesk host is, as data. */
export interface ServiceSpec {
  readonly key: string;
  /** Host name, full, in lower case. */
  readonly host: string;
  /** Document root on the host, absolute. */
  readonly path: string;
  /** Decides what is shared between releases and where the web root lies. */
  readonly kind: NonNullable<DeployDocumentInput["service"]["kind"]>;
  /** Patterns that are never uploaded and never deleted. */
  readonly exclude: readonly string[];
  /** What the service's DNS record says. */
  readonly origin: { readonly type: "A" | "AAAA" | "CNAME"; readonly content: string };
  readonly proxied: boolean;
  /** Directory of the built artifact, relative to the project's root or absolute. */
  readonly artifactDir: string;
  /** sha-256 over the artifact's content: what makes a release. */
  readonly artifactDigest: string;
}

/** The driver's commands. Relative to the project's root, which is where the engine starts its providers. */
const driver = (command: string) => `node plesk/main.ts ${command}`;

/**
 * The arguments of the one command that deploys a service. Pure.
 *
 * Nothing secret is in a command or an environment: the whole document goes over stdin, and what the driver prints is
 * kept as a secret. `create` and `update` are the same idempotent transaction; `delete` takes the service out of service
 * and removes no data. The artifact's digest is an ordinary input, since a change of `triggers` would run the old
 * resource's `delete` after the new one's `create`.
 */
export function planDeploy(
  spec: ServiceSpec,
  connection: Connection,
  env: Readonly<Record<string, pulumi.Input<string>>>,
  owner: string,
): local.CommandArgs {
  const document = pulumi.output({ connection, env }).apply(
    ({ connection, env }): DeployDocumentInput => ({
      host: connection,
      service: { key: spec.key, path: spec.path, kind: spec.kind, exclude: [...spec.exclude] },
      artifact: { dir: spec.artifactDir, digest: spec.artifactDigest },
      env: Object.fromEntries(Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))),
      owner,
    }),
  );
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
