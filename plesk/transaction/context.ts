import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { type Code, SitefleetError } from "../../errors/index.ts";
import { type Attestation, checkAttestation } from "../artifact/attestation/check.ts";
import { type Artifact, readArtifact } from "../artifact/index.ts";
import { artifactPlace } from "../artifact/place.ts";
import { type Layout, layoutOf, markerPath } from "../commands/layout.ts";
import { isResetPath, type Reset, resetName } from "../commands/reset.ts";
import { EXIT } from "../exit-codes.ts";
import type { DeployDocument, Target } from "../input.ts";
import { PHP_KINDS } from "../kinds/index.ts";
import { redactor } from "../redact.ts";
import { takePlace } from "../remote/place.ts";
import { Session } from "../remote/session.ts";
import { Steps } from "./steps.ts";

/** What the steps of one run share. */
export interface Run<Document extends Target = Target> {
  readonly document: Document;
  readonly layout: Layout;
  readonly steps: Steps;
  readonly signal: AbortSignal | undefined;
  /** Lower-case hex, unique to the run: names its lock and its upload. */
  readonly token: string;
  /** How PHP is told to forget code; undefined where the service runs none, or no address is known to ask. */
  readonly reset: Reset | undefined;
  /** One line for people about who runs. */
  readonly holder: string;
  /** Seconds since the epoch. */
  now(): number;
  /** The same with milliseconds: releases that became good within one second have an order too. */
  exactly(): number;
  /** Takes the document's secrets out of a text. */
  redact(text: string): string;
}

/** How a caller may influence a run; everything has a default. */
export interface RunOptions {
  /** Interrupts the run: the current step is ended, what was changed is put back. */
  readonly signal?: AbortSignal;
  /** Called when a step starts and ends. */
  readonly onStep?: (step: string, ms: number | undefined) => void;
}

/** Starts a run. */
export function startRun<Document extends Target>(document: Document, options: RunOptions = {}): Run<Document> {
  return {
    document,
    layout: layoutOf(document.service, document.host.profile),
    steps: new Steps(options.onStep),
    signal: options.signal,
    token: randomBytes(8).toString("hex"),
    reset:
      PHP_KINDS.has(document.service.kind) && document.health !== undefined
        ? { name: resetName(randomBytes(16).toString("hex")), key: randomBytes(16).toString("hex") }
        : undefined,
    holder: `${userInfo().username}@${hostname()} pid ${process.pid} since ${new Date().toISOString()}`,
    now: () => Math.floor(Date.now() / 1000),
    exactly: () => Date.now() / 1000,
    redact: redactor(document),
  };
}

/** An artifact that may be deployed. */
export interface OpenedArtifact extends Artifact {
  /** What the files beside it attest; null when there are none. */
  readonly attestation: Attestation | null;
}

/**
 * Reads the artifact and holds it against what was reviewed and against the files beside it that attest it.
 *
 * @throws SitefleetError `plesk.artifact` (see `readArtifact`), `plesk.artifact.digest` when it is another content than reviewed,
 * `plesk.artifact.unattested`, `plesk.artifact.attestation` (see `checkAttestation`).
 */
export async function openArtifact(run: Run<DeployDocument>): Promise<OpenedArtifact> {
  const { service, artifact: wanted } = run.document;
  const marker = markerPath(run.layout.webRoot);
  const artifact = await readArtifact(artifactPlace(wanted.dir), {
    kind: service.kind,
    exclude: service.exclude,
    shared: service.shared,
    webRoot: run.layout.webRoot,
  });
  const problem = (message: string, hint: string, code: Code = "plesk.artifact"): SitefleetError =>
    new SitefleetError({ code, subject: service.key, message, hint, exitCode: EXIT.artifact });
  if (wanted.digest !== undefined && artifact.digest !== wanted.digest) {
    throw problem(
      `the artifact is not the one that was reviewed (${artifact.digest.slice(0, 12)}, not ${wanted.digest.slice(0, 12)})`,
      "preview again, or build the reviewed commit",
      "plesk.artifact.digest",
    );
  }
  const { webRoot, shared } = run.layout;
  if (webRoot !== "" && !artifact.entries.some((entry) => entry.kind === "dir" && entry.path === webRoot)) {
    throw problem(`the artifact has no directory ${webRoot}`, "correct `webRoot`, or the build");
  }
  // A link above a path that we make ourselves would lead our own file elsewhere.
  const ours = [marker, ...shared.map(({ path }) => path)];
  const above = artifact.entries.find(
    (entry) => entry.kind !== "dir" && ours.some((path) => path === entry.path || path.startsWith(`${entry.path}/`)),
  );
  if (above) {
    throw problem(
      `${JSON.stringify(above.path)} stands where a shared path or the release marker has to be`,
      "exclude it, or rename it in the build",
    );
  }
  const leftover = artifact.entries.find(({ path }) => isResetPath(webRoot, path));
  if (leftover) {
    throw problem(
      `${JSON.stringify(leftover.path)} has a name that only the driver's own scripts have`,
      "delete it: it was copied from a document root during a deployment",
    );
  }
  const attestation = await checkAttestation(artifact, wanted.attested);
  return { ...artifact, attestation: attestation ?? null };
}

/** Opens the connection of a run as its first step, once the host has a place for it. */
export async function connect(run: Run): Promise<Session> {
  const { timeouts, host } = run.document;
  const limits = { connectMs: timeouts.connect * 1000, commandMs: timeouts.command * 1000 };
  const leave = await takePlace(host, run.signal);
  try {
    const session = await run.steps.step("connect", () => Session.open(host, limits, run.signal));
    session.whenClosed(leave);
    return session;
  } catch (error) {
    leave();
    throw error;
  }
}
