import { SitefleetError } from "../../errors/index.ts";
import { type Artifact, readArtifact } from "../artifact/index.ts";
import { compileSelection } from "../artifact/selection.ts";
import { markerPath } from "../commands/layout.ts";
import { publishScript, stageScript } from "../commands/release.ts";
import { isResetPath } from "../commands/reset.ts";
import { EXIT } from "../exit-codes.ts";
import { PROFILE } from "../host/profile.ts";
import type { DeployDocument } from "../input.ts";
import { KIND_DEFAULTS } from "../kinds/index.ts";
import type { Session } from "../remote/session.ts";
import { chooseTransport } from "../transport/index.ts";
import { above, type Transport } from "../transport/transport.ts";
import type { Run } from "./context.ts";
import type { Inspection } from "./inspection.ts";

/** What went over the wire. */
export interface Uploaded {
  readonly files: number;
  /** Sizes of those files, before compression. */
  readonly bytes: number;
  /** A complete release was on the host already. */
  readonly reused: boolean;
  readonly transport: Transport["name"];
}

/** Counts what is not as it should be in a release on the host: other content or mode, missing, or not of the artifact. */
async function differences(
  run: Run<DeployDocument>,
  transport: Transport,
  artifact: Artifact,
  dir: string,
): Promise<number> {
  const { there, different } = await transport.observe(artifact.dir, artifact.entries, dir);
  const mine = artifact.entries.map(({ path }) => path);
  const stay = [...run.layout.shared, ...run.layout.panel].map(({ path }) => path);
  const ours = [markerPath(run.layout.webRoot), ...stay];
  const expected = new Set([...mine, ...ours, ...ours.flatMap(above)]);
  // Data in the place of a shared path is moved to `shared/` before the release is made live: never a reason to upload it anew.
  const isData = (path: string): boolean => above(path).some((parent) => stay.includes(parent));
  const generated = compileSelection({ exclude: KIND_DEFAULTS[run.document.service.kind].generated });
  const wrong = new Set(different.keys());
  // The served directory's mode is the profile's, not the artifact's.
  if (different.get(run.layout.webRoot)?.content === false) wrong.delete(run.layout.webRoot);
  for (const path of mine) if (!there.has(path)) wrong.add(path);
  for (const [path, { kind }] of there) {
    const madeThere = generated(path, kind === "dir") || above(path).some((parent) => generated(parent, true));
    if (!expected.has(path) && !isData(path) && !madeThere && !isResetPath(run.layout.webRoot, path)) wrong.add(path);
  }
  return wrong.size;
}

/**
 * Makes sure that the release lies complete and proven on the host, without making it live. A release that is there and still
 * equals the artifact is used again; one that was tampered with is replaced.
 *
 * @throws SitefleetError `plesk.rsync`, `plesk.tar`, `plesk.verify`, `plesk.unfit` without either program.
 */
export async function ensureRelease(
  run: Run<DeployDocument>,
  session: Session,
  inspection: Inspection,
  artifact: Artifact,
): Promise<Uploaded> {
  const { layout, token, steps } = run;
  const transport = chooseTransport(inspection.probe, session, run.document.timeouts.upload * 1000);
  const id = artifact.digest;
  const there = inspection.releases.find((release) => release.id === id);
  if (there?.complete) {
    const release = `${layout.base}/releases/${id}`;
    const different = await steps.step("verify", () => differences(run, transport, artifact, release));
    if (different === 0) return { files: 0, bytes: 0, reused: true, transport: transport.name };
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
  const sent = await steps.step("upload", () => transport.upload(artifact.dir, artifact.entries, incoming, links));
  await steps.step("verify", async () => {
    const [different, again] = await Promise.all([
      differences(run, transport, artifact, incoming),
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
    session.run(
      "publishing the release",
      publishScript(layout, token, id, artifact.manifest, PROFILE[run.document.host.profile].documentRoot),
    ),
  );
  return { ...sent, reused: false, transport: transport.name };
}
