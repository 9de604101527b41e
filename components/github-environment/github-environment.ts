import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { randomName } from "../random-name.ts";
import { COMPONENT } from "../tokens.ts";
import { type Transform, transformed } from "../transform.ts";
import { type EnvironmentSpec, planEnvironment, planRandom, type SecretSource } from "./plan.ts";

/** Arguments of {@link GithubEnvironment}. */
export interface GithubEnvironmentArgs extends EnvironmentSpec {
  /** Changes a child's arguments or options just before it is created. @default none */
  readonly transform?: {
    readonly environment?: Transform<github.RepositoryEnvironmentArgs>;
    readonly secret?: Transform<github.ActionsEnvironmentSecretArgs>;
  };
}

/**
 * A GitHub environment with all its secrets; what is declared as generated is made here, and no person sees it.
 * Free. The provider writes one secret at a time (see `sitefleet:githubWriteDelayMs`).
 *
 * @example
 * new GithubEnvironment("production", {
 *   repository: "web", environment: "production",
 *   secrets: { JWT_SECRET: { kind: "generated", bytes: 64, encoding: "base64" } },
 * }, { providers: { github: provider } });
 */
export class GithubEnvironment extends pulumi.ComponentResource {
  /** The secrets' values by name; all of them secret outputs. */
  readonly secretValues: Readonly<Record<string, pulumi.Output<string>>>;
  /** Values that exist beside those, by `NAME/generation`; all of them secret outputs. */
  readonly otherValues: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: GithubEnvironmentArgs, opts?: pulumi.ComponentResourceOptions) {
    super(COMPONENT.environment, name, {}, opts);
    const plan = planEnvironment(args);
    const { transform } = args;
    const environment = new github.RepositoryEnvironment(
      ...transformed(transform?.environment, name, plan.environment, {
        parent: this,
        ignoreChanges: plan.ignoreChanges,
      }),
    );
    const values: Record<string, pulumi.Output<string>> = {};
    const others: Record<string, pulumi.Output<string>> = {};
    for (const secret of plan.secrets) {
      const value = this.resolveValue(`${name}/${secret.name}`, secret.source);
      values[secret.name] = value;
      const other = secret.source.kind === "generated" ? secret.source.other : undefined;
      if (other !== undefined)
        others[`${secret.name}/${other}`] = this.resolveValue(`${name}/${secret.name}`, secret.source, other);
      const secretArgs: github.ActionsEnvironmentSecretArgs = {
        repository: args.repository,
        environment: environment.environment,
        secretName: secret.name,
        value,
      };
      // The name is the identity: created before the old one is deleted, the new secret would be deleted with it.
      const opts = { parent: this, deleteBeforeReplace: true };
      new github.ActionsEnvironmentSecret(
        ...transformed(transform?.secret, `${name}/${secret.name}`, secretArgs, opts),
      );
    }
    this.secretValues = values;
    this.otherValues = others;
    this.registerOutputs();
  }

  /** @param generation Which of a generated one's values. @default the one in use */
  private resolveValue(name: string, source: SecretSource, generation?: number): pulumi.Output<string> {
    if (source.kind === "given") return pulumi.secret(source.value);
    const number = generation ?? source.generation ?? 1;
    if (number === 1 && source.first !== undefined) return pulumi.secret(source.first);
    const hex = new random.RandomPassword(randomName(name, number), planRandom(source.bytes), { parent: this }).result;
    // In an operation that is limited to other resources there is no value.
    const base64 = (text: string | undefined) => text && Buffer.from(text, "hex").toString("base64");
    return pulumi.secret(source.encoding === "hex" ? hex : hex.apply((text) => base64(text) as string));
  }
}
