import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser } from "playwright-core";
import { releaseFile } from "../../checks/judge/release.ts";
import { probe } from "../../checks/probe/probe.ts";
import { openVantage } from "../../checks/probe/way.ts";
import { environment } from "../../environment/index.ts";
import { describeError, SitefleetError } from "../../errors/index.ts";
import { askGit } from "../../fleet/backend/git.ts";
import { attestationPaths } from "../../plesk/artifact/attestation/paths.ts";
import { logs } from "../../plesk/index.ts";
import {
  audit,
  checkRepository,
  type Judged,
  judgeLogs,
  type LogLine,
  notRun,
  type OsvRecord,
  orNotRun,
  type PageSubject,
  type QualityResult,
  readOsv,
} from "../../quality/index.ts";
import { axe } from "../../quality/page/axe.ts";
import { consent } from "../../quality/page/consent.ts";
import { lighthouse, loadLighthouse } from "../../quality/page/lighthouse.ts";
import { startBrowser } from "../../quality/page/open.ts";
import { privacyPolicy } from "../../quality/page/privacy.ts";
import type { Estate } from "../kit/estate.ts";
import { openTargets } from "../plesk/services/targets.ts";
import type { DeclaredQuality, Task } from "./choose.ts";

/** Time for the release that a service names, ms. */
const RELEASE_MS = 10_000;

/** What was proven, and for what. */
type Proven = Pick<QualityResult, "commit" | "artifacts">;

/** Carries checks out; what several of them need is opened once. */
export class Bench {
  readonly #declared: DeclaredQuality;
  readonly #estate: Estate;
  readonly #signal: AbortSignal;
  /** Digests of the artifacts that the catalog names. */
  readonly #digests: ReadonlyMap<string, string>;
  #browser: Promise<Browser> | undefined;
  #osv: OsvRecord[] | undefined;

  constructor(
    declared: DeclaredQuality,
    of: { readonly estate: Estate; readonly signal: AbortSignal; readonly digests: ReadonlyMap<string, string> },
  ) {
    this.#declared = declared;
    this.#estate = of.estate;
    this.#signal = of.signal;
    this.#digests = of.digests;
  }

  /** Closes what was opened. */
  async close(): Promise<void> {
    await this.#browser?.then((browser) => browser.close()).catch(() => {});
  }

  /** One check, as it is kept. */
  async check(task: Task): Promise<QualityResult> {
    const started = Date.now();
    // For what it says: what is deployed while it looks is not what it has looked at.
    const proven = await this.#proven(task);
    const { state, reason, measures, findings, found } = await orNotRun(() => this.#judge(task));
    return {
      subject: task.subject,
      check: task.check,
      state,
      reason,
      measures: measures.map((one) => ({ ...one })),
      findings: findings.map((one) => ({ ...one })),
      found,
      at: new Date(started).toISOString(),
      seconds: (Date.now() - started) / 1000,
      ...proven,
    };
  }

  #judge({ subject: { kind, key }, check }: Task): Judged | Promise<Judged> {
    const { quality, catalog } = this.#declared;
    const repository = quality.repositories.find((one) => kind === "repository" && one.key === key);
    if (repository !== undefined) {
      const dir = resolve(catalog.dir, repository.path);
      if (!existsSync(dir)) return notRun(`there is no working copy at ${repository.path}`);
      const [env, now] = [environment(), Date.now()];
      const of = { settings: quality, repository, dir, catalogDir: resolve(catalog.dir), env, now };
      return checkRepository(check as (typeof repository.checks)[number], { ...of, signal: this.#signal });
    }
    if (check === "dependencies") return this.#dependencies(key);
    if (check === "personal-data") return this.#personalData(key);
    return this.#page(check, this.#pageOf(kind, key));
  }

  async #page(check: Task["check"], subject: PageSubject): Promise<Judged> {
    if (check === "lighthouse") {
      const run = await loadLighthouse(resolve(this.#declared.catalog.dir), this.#declared.quality.tools.lighthouse);
      return lighthouse(subject, run, environment());
    }
    this.#browser ??= startBrowser();
    const browser = await this.#browser;
    if (check === "axe") return axe(subject, browser);
    return check === "consent" ? consent(subject, browser) : privacyPolicy(subject, browser);
  }

  #pageOf(kind: Task["subject"]["kind"], key: string): PageSubject {
    const { quality, catalog } = this.#declared;
    const host = kind === "site" ? key : catalog.services.find((one) => one.key === key)?.host;
    const staged = kind === "service" ? quality.services.staging[key] : undefined;
    const pages = kind === "service" ? quality.services.pages[key] : undefined;
    return {
      settings: quality,
      key,
      origin: staged ?? `https://${host}`,
      pages: pages ?? ["/"],
      signal: this.#signal,
      now: Date.now(),
    };
  }

  #dependencies(key: string): Judged {
    const { quality, catalog } = this.#declared;
    const service = catalog.services.find((one) => one.key === key);
    const file = attestationPaths(resolve(catalog.dir, service?.artifact ?? "")).sbom;
    if (!existsSync(file)) return notRun("its artifact has no SBOM beside it: sitefleet build makes one");
    this.#osv ??= readOsv(resolve(catalog.dir, quality.osv ?? ""));
    const { osvDays, thresholds } = quality;
    return audit(readFileSync(file, "utf8"), this.#osv, {
      limit: thresholds.dependencies.high,
      osvDays,
      now: Date.now(),
    });
  }

  async #personalData(key: string): Promise<Judged> {
    const { quality } = this.#declared;
    const paths = quality.services.logs[key];
    if (paths === undefined) return notRun("quality.yaml names no logs of it (services.logs)");
    try {
      const { targets } = await openTargets({ estate: this.#estate, emit: () => {} }, [key]);
      const [outcome] = await logs(targets, { [key]: paths }, { signal: this.#signal });
      if (outcome?.ok !== true) throw outcome?.error ?? new Error(`no outcome of ${key}`);
      const absent = outcome.value.filter(({ lines }) => lines === undefined).map(({ path }) => path);
      if (absent.length > 0) return notRun(`these logs are not there, or may not be read: ${absent.join(", ")}`);
      const lines = outcome.value.flatMap(({ path, lines: of = [] }) =>
        of.map((text, index): LogLine => ({ file: path, line: index + 1, text })),
      );
      return judgeLogs(lines, quality.thresholds["personal-data"].findings);
    } catch (error) {
      if (error instanceof SitefleetError) return notRun(`the logs cannot be read: ${describeError(error)}`);
      throw error;
    }
  }

  async #proven({ subject, check, services }: Task): Promise<Proven> {
    if (subject.kind === "site") return { artifacts: {} };
    if (subject.kind === "repository") return this.#ofCommit(subject.key, services);
    const digest = this.#digests.get(subject.key);
    if (check === "dependencies") return { artifacts: digest === undefined ? {} : { [subject.key]: digest } };
    const served = await this.#served(this.#pageOf("service", subject.key).origin);
    return { artifacts: served === undefined ? {} : { [subject.key]: served } };
  }

  /** The release that answers; undefined where it does not say. */
  async #served(origin: string): Promise<string | undefined> {
    try {
      const ask = { url: `${origin}/.well-known/sitefleet-release`, timeoutMs: RELEASE_MS, verify: true };
      const release = releaseFile(await probe(ask, openVantage(), this.#signal));
      return release !== undefined && /^[0-9a-f]{64}$/.test(release) ? release : undefined;
    } catch {
      return undefined;
    }
  }

  /** A working copy speaks for the artifacts that were built of its commit. */
  async #ofCommit(key: string, services: readonly string[]): Promise<Proven> {
    const { quality, catalog } = this.#declared;
    const dir = resolve(catalog.dir, quality.repositories.find((one) => one.key === key)?.path ?? "");
    const head = (await askGit(dir, ["rev-parse", "--verify", "HEAD^{commit}"]))?.trim();
    const changed = await askGit(dir, ["status", "--porcelain", "--untracked-files=no"]);
    const commit = changed === "" ? head : undefined;
    const artifacts = services.flatMap((service) => {
      const digest = this.#digests.get(service);
      const artifact = catalog.services.find((one) => one.key === service)?.artifact ?? "";
      const { provenance } = attestationPaths(resolve(catalog.dir, artifact));
      // Where a build says what it was built of, that must be this commit.
      const of = existsSync(provenance) ? readFileSync(provenance, "utf8") : undefined;
      const same = of === undefined || (commit !== undefined && of.includes(commit));
      return digest === undefined || !same ? [] : [[service, digest]];
    });
    return { commit, artifacts: Object.fromEntries(artifacts) };
  }
}
