import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { type Artifact, readArtifact } from "../artifact/index.ts";
import { compileSelection } from "../artifact/selection.ts";
import { markerPath } from "../commands/layout.ts";
import { publishScript, stageScript } from "../commands/release.ts";
import { compareArgs, fileList, listArgs, uploadArgs } from "../commands/rsync.ts";
import { EXIT } from "../exit-codes.ts";
import type { DeployDocument } from "../input.ts";
import { KIND_DEFAULTS } from "../kinds/index.ts";
import type { Session } from "../remote/session.ts";
import { itemise } from "./changes.ts";
import type { Run } from "./context.ts";
import type { Inspection } from "./inspection.ts";

/** What went over the wire. */
export interface Uploaded {
  readonly files: number;
  /** Sizes of those files, before compression. */
  readonly bytes: number;
  /** A complete release was on the host already. */
  readonly reused: boolean;
}

/** Directories above a path, e.g. `a`, `a/b` of `a/b/c`. */
function above(path: string): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}

/**
 * Counts what is not as it should be in a release on the host. Two independent looks: one compares content and modes of every
 * entry of the artifact, the other lists what is there, so that neither a file that was passed over nor one that somebody put
 * there goes unseen.
 */
async function differences(
  run: Run<DeployDocument>,
  session: Session,
  artifact: Artifact,
  dir: string,
): Promise<number> {
  const timeoutMs = run.document.timeouts.upload * 1000;
  const emptyDir = await mkdtemp(join(session.dir, "empty-"));
  const [compared, listed] = await Promise.all([
    itemise(session, {
      label: "verifying the upload",
      args: compareArgs({ sshConfig: session.sshConfig, from: artifact.dir, to: dir }),
      stdin: fileList(artifact.entries),
      timeoutMs,
    }),
    itemise(session, {
      label: "listing the upload",
      args: listArgs({ sshConfig: session.sshConfig, from: dir, emptyDir }),
      timeoutMs,
    }),
  ]);
  const mine = new Set(artifact.entries.map(({ path }) => path));
  const ours = [markerPath(run.layout.webRoot), ...run.layout.shared.map(({ path }) => path)];
  const expected = new Set([".", ...mine, ...ours, ...ours.flatMap(above)]);
  const wrong = new Set(compared.keys());
  for (const path of mine) if (!listed.has(path)) wrong.add(path);
  const generated = compileSelection({ exclude: KIND_DEFAULTS[run.document.service.kind].generated });
  for (const [path, { kind }] of listed) {
    const madeThere = generated(path, kind === "dir") || above(path).some((parent) => generated(parent, true));
    if (!expected.has(path) && !madeThere) wrong.add(path);
  }
  return wrong.size;
}

/**
 * Makes sure that the release lies complete and proven on the host, without making it live. A release that is there and still
 * equals the artifact is used again; one that was tampered with is replaced.
 *
 * @throws SitefleetError `plesk.rsync`, `plesk.verify`.
 */
export async function ensureRelease(
  run: Run<DeployDocument>,
  session: Session,
  inspection: Inspection,
  artifact: Artifact,
): Promise<Uploaded> {
  const { layout, token, steps } = run;
  const id = artifact.digest;
  const there = inspection.releases.find((release) => release.id === id);
  if (there?.complete) {
    const different = await steps.step("verify", () =>
      differences(run, session, artifact, `${layout.base}/releases/${id}`),
    );
    if (different === 0) return { files: 0, bytes: 0, reused: true };
  }
  const incoming = `${layout.base}/incoming/${id}.${token}`;
  const links = [inspection.live, inspection.previous]
    .filter((release) => release !== undefined && /^[0-9a-f]{64}$/.test(release))
    .map((release) => `${layout.base}/releases/${release}`)
    // What an earlier run of this or another release had uploaded when it was cut off.
    .concat(inspection.incoming.map((name) => `${layout.base}/incoming/${name}`));
  await steps.step("stage", () =>
    session.run("preparing the upload", stageScript(layout, token, id, there !== undefined)),
  );
  const sent = await steps.step("upload", () =>
    itemise(session, {
      label: "the upload",
      args: uploadArgs({ sshConfig: session.sshConfig, from: artifact.dir, to: incoming, linkDests: links }),
      stdin: fileList(artifact.entries),
      timeoutMs: run.document.timeouts.upload * 1000,
    }),
  );
  await steps.step("verify", async () => {
    const [different, again] = await Promise.all([
      differences(run, session, artifact, incoming),
      readArtifact(artifact.dir, {
        kind: run.document.service.kind,
        exclude: run.document.service.exclude,
        shared: run.document.service.shared,
        webRoot: layout.webRoot,
      }),
    ]);
    if (different === 0 && again.digest === id) return;
    throw new SitefleetError({
      code: "plesk.verify",
      subject: run.document.service.key,
      message:
        again.digest === id
          ? `${different} entries on the host differ from the artifact`
          : "the artifact changed while it was uploaded",
      hint: "do not build into the artifact's directory during a deployment; deploy again",
      exitCode: EXIT.upload,
    });
  });
  await steps.step("publish", () =>
    session.run("publishing the release", publishScript(layout, token, id, artifact.manifest)),
  );
  const files = [...sent.values()].filter((item) => item.kind === "file" && item.code.startsWith("<"));
  return { files: files.length, bytes: files.reduce((sum, item) => sum + item.bytes, 0), reused: false };
}
