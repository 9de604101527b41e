import type {
  AccountRecord,
  AliasRecord,
  DeploymentRecord,
  DomainRecord,
  EnvRecord,
  ProjectRecord,
  SharedEnvRecord,
} from "./records.ts";

/** What a snapshot holds: plain records, no index. */
export interface StoreState {
  readonly version: 1;
  readonly teams: AccountRecord[];
  readonly lastCreatedAt: number;
  readonly projects: ProjectRecord[];
  readonly domains: DomainRecord[];
  readonly envs: EnvRecord[];
  readonly sharedEnvs: SharedEnvRecord[];
  readonly deployments: DeploymentRecord[];
  readonly aliases: AliasRecord[];
  /** SHA-1 and size of uploaded files; the content is not kept. */
  readonly files: [string, number][];
  /** Visits by host and hour: `host|hour` → requests, bytes. */
  readonly traffic: [string, [number, number]][];
}
