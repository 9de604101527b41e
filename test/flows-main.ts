/**
 * `npm run flows`: the seven user flows on a sandbox of their own, and that they leave no row behind. `--broken` breaks each function once
 * and says which flow has found it; `--take-back` deploys a release whose donation is broken; `--back-all` takes a release back by hand;
 * `--measured` has Lighthouse before the verdict; `--killed` ends runs within a flow; `--looks` changes a headline and a masked text.
 */
import type { ChildProcess } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PROJECT_ROOT } from "../stacks/root.ts";
import { Estate, type Ran } from "./support/estate.ts";
import { contentOf, issuesOf, liveOf as liveIn, REPOSITORY, writeRow } from "./support/services.ts";

/** Services that flows write to, by the function that their `application.json` can break. */
const BREAKS = {
  registration: "idp",
  login: "idp",
  donation: "crm",
  achievement: "games",
  support: "support",
  newsletter: "newsletter",
  consent: "consent",
} as const;
const SERVICES = [...new Set(Object.values(BREAKS))];

const estate = new Estate([{ name: "quiz" }]);
cpSync(join(PROJECT_ROOT, "catalog/flows.yaml"), join(estate.catalog, "flows.yaml"));
writeFileSync(
  join(estate.catalog, "notify.yaml"),
  `receivers: [ { kind: issue, name: issues, repository: ${REPOSITORY} } ]\n`,
);
const digest = (): Promise<string> => contentOf(estate, SERVICES);
const liveOf = (service: string): string => liveIn(estate, service);
/** Issues of incidents that were looked at. */
const told = new Set<number>();
let wrong = 0;
const say = (text: string): void => console.log(text);
const check = (what: string, ok: boolean): void => {
  if (!ok) wrong++;
  say(`${ok ? "ok    " : "WRONG "} ${what}`);
};

try {
  await estate.start();
  say("deploying the services");
  const up = await estate.sitefleet("up", "--stack", "prod", "--stack", "prod-plesk", "--yes");
  if (up.code !== 0) throw new Error(up.stderr.slice(-2000));
  const before = await digest();
  const started = Date.now();
  const { document, code } = await flows();
  const seconds = (Date.now() - started) / 1000;
  for (const { flow, state, reason } of document.results) say(`       ${flow}: ${state} ${reason}`);
  check(
    `seven flows pass in ${seconds.toFixed(1)} s`,
    code === 0 && document.failed === 0 && document.results.length === 7,
  );
  check("no row is left: the databases are as before", (await digest()) === before);
  if (process.argv.includes("--broken")) await broken();
  if (process.argv.includes("--killed")) await killed();
  if (process.argv.includes("--looks")) await looks();
  if (process.argv.includes("--measured")) await measured();
  if (process.argv.includes("--take-back")) await takeBack();
  if (process.argv.includes("--back-all")) await backAll();
} finally {
  await estate.remove();
}
process.exitCode = wrong === 0 ? 0 : 1;

interface Document {
  readonly failed: number;
  readonly sentence: string;
  readonly takenAway: readonly { readonly flow: string; readonly mail: string; readonly reason: string | null }[];
  readonly results: readonly {
    readonly flow: string;
    readonly state: string;
    readonly reason: string;
    readonly tries: readonly { readonly evidence: readonly string[] }[];
  }[];
}

async function flows(): Promise<{ document: Document; code: number | null }> {
  const { stdout, stderr, code } = await estate.sitefleet("flows", "run", "--json");
  if (!stdout.startsWith("{")) throw new Error(stderr);
  return { document: JSON.parse(stdout) as Document, code };
}

/** Breaks each function in the live release, as a release that is wrong would have it. */
async function broken(): Promise<void> {
  estate.edit("flows.yaml", (text) =>
    text.replace("repeats: 1", "repeats: 0").replace("stepSeconds: 10", "stepSeconds: 5"),
  );
  for (const [flow, service] of Object.entries(BREAKS)) {
    const file = join(liveOf(service), "application.json");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, JSON.stringify({ application: service, broken: [flow] }));
    const { document } = await flows();
    writeFileSync(file, text);
    const failing = document.results.filter(({ state }) => state === "fail");
    const files = failing.flatMap(({ tries }) => tries.flatMap(({ evidence }) => evidence));
    const found =
      failing.length === 1 &&
      failing[0]?.flow === flow &&
      files.some((path) => path.endsWith(".png") && existsSync(path));
    check(`${flow} broken: ${document.sentence}; ${failing[0]?.reason ?? ""}`, found);
  }
}

/** A headline that changes is a difference; what changes below a mask is none. */
async function looks(): Promise<void> {
  await estate.sitefleet("flows", "visual", "--page", "home", "--accept");
  const file = join(liveOf("main"), "index.php");
  const text = readFileSync(file, "utf8");
  const look = (): Promise<Ran> => estate.sitefleet("flows", "visual", "--page", "home", "--json");
  writeFileSync(file, text.replace("<?= htmlspecialchars($release) ?>", "<?= strrev($release) ?>"));
  check("a change below a mask is no difference", (await look()).code === 0);
  writeFileSync(file, text.replace("<h1>", "<h1>New "));
  const { code, stdout } = await look();
  writeFileSync(file, text);
  const pages = (
    JSON.parse(stdout) as {
      pages: { page: string; size: string; state: string; percent: number; evidence: string[] }[];
    }
  ).pages;
  for (const { page, size, state, percent, evidence } of pages)
    say(`       ${page} ${size}: ${state}, ${percent?.toFixed(2)} %, ${evidence.length} pictures`);
  check(
    "a changed headline differs, with its picture",
    code === 1 && pages.every(({ evidence }) => evidence.every((path) => existsSync(path))),
  );
}

/** Lighthouse of what was deployed, before the verdict: `npm run quality:tools` first. */
async function measured(): Promise<void> {
  writeFileSync(join(estate.catalog, "quality.yaml"), "services: { checks: [lighthouse] }\n");
  writeFileSync(join(estate.catalog, "sample/artifacts/docs/measured.html"), "<p>measured</p>");
  const { stdout, stderr } = await estate.sitefleet("plesk", "deploy", "--service", "docs", "--yes", "--json");
  rmSync(join(estate.catalog, "quality.yaml"));
  if (stdout === "") throw new Error(stderr.slice(-2000));
  const { proof } = JSON.parse(stdout) as { proof?: { reason: string; steps: { name: string; state: string }[] } };
  say(stderr.trim().replaceAll(/^/gm, "       "));
  const [step] = proof?.steps ?? [];
  check(`measured before the verdict: ${proof?.reason}`, step?.name === "Lighthouse" && step.state !== "not-run");
}

/** One of seven is 14 %: the release goes back, and the database is as before. */
async function takeBack(): Promise<void> {
  const artifact = join(estate.catalog, "sample/artifacts/crm/application.json");
  writeFileSync(artifact, JSON.stringify({ application: "crm", broken: ["donation"] }));
  const before = [await digest(), liveOf("crm")];
  const { code, stdout, stderr } = await estate.sitefleet("plesk", "deploy", "--service", "crm", "--yes", "--json");
  const proof = (
    JSON.parse(stdout || "{}") as { proof?: { reason: string; takenBack: { ok: boolean; what: string } | null } }
  ).proof;
  if (proof === undefined) throw new Error(stderr.slice(-2000));
  say(`       ${proof.takenBack?.what}`);
  check(`the release goes back: ${proof.reason}`, code === 1 && proof.takenBack?.ok === true);
  check("the same release and the same database as before", [await digest(), liveOf("crm")].join() === before.join());
  await oneIncident(/page\.png/);
}

/** A run that is ended within a flow cleans up at once; one that is killed leaves that to the next. */
async function killed(): Promise<void> {
  const before = await digest();
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    // On a fast machine a flow may have taken its rows away again before it is killed: then once more.
    let isLeft = false;
    for (let round = 0; round < (signal === "SIGKILL" ? 8 : 1) && !isLeft; round++) {
      await endedWithin(signal, before);
      isLeft = (await digest()) !== before;
    }
    const claim = signal === "SIGTERM" ? "nothing is left" : "something is left";
    check(`${signal} within a flow: ${claim}`, isLeft === (signal === "SIGKILL"));
  }
  const { document } = await flows();
  for (const { flow, mail, reason } of document.takenAway) say(`       ${flow} of ${mail}: ${reason ?? "taken away"}`);
  check("the next run takes it away first", document.takenAway.length > 0 && (await digest()) === before);
}

/** Runs two flows, and ends the run once there are rows of theirs. */
async function endedWithin(signal: NodeJS.Signals, before: string): Promise<void> {
  let child: ChildProcess | undefined;
  const words = ["flows", "run", "--flow", "registration", "--flow", "newsletter"];
  const ran = estate.sitefleetAs(
    (process) => {
      child = process;
    },
    ...words,
  );
  const until = Date.now() + 60_000;
  while ((await digest()) === before && Date.now() < until) await sleep(50);
  child?.kill(signal);
  await ran;
}

/** A critical bug that was reported: everything that the deployment brought goes back by one command, with what was written since kept. */
async function backAll(): Promise<void> {
  const before = [await digest(), liveOf("crm"), liveOf("docs")];
  const games = liveOf("games");
  const artifact = join(estate.catalog, "sample/artifacts/crm/application.json");
  writeFileSync(artifact, JSON.stringify({ application: "crm", broken: [] }));
  writeFileSync(join(estate.catalog, "sample/artifacts/docs/new.html"), "<p>new</p>");
  const started = Date.now();
  const deployed = await estate.sitefleet("plesk", "deploy", "--service", "crm", "--service", "docs", "--yes");
  if (deployed.code !== 0) throw new Error(deployed.stderr.slice(-2000));
  await writeRow(estate, "crm");
  const shown = await estate.sitefleet("plesk", "db", "changes", "--service", "crm");
  say(shown.stdout.trimEnd());
  check("what was written since is shown", shown.code === 0 && /written_since +1/.test(shown.stdout));
  const asked = await estate.sitefleet("plesk", "rollback", "--all", "--reason", "a critical bug");
  check(`without a terminal it is not done: ${asked.stderr.trim().split("\n")[0]}`, asked.code !== 0);
  // All others were deployed a little earlier here; the command takes a while to begin.
  const within = `${Math.ceil((Date.now() - started) / 1000) + 30}s`;
  const words = ["plesk", "rollback", "--all", "--within", within, "--reason", "a critical bug", "--database", "--yes"];
  const { code, stderr, stdout } = await estate.sitefleet(...words);
  say(`${stdout}\n${stderr}`.trim().replaceAll(/^/gm, "       "));
  check(`all goes back by one command, exit code ${code}`, code === 0);
  check(
    "databases and releases are as before",
    [await digest(), liveOf("crm"), liveOf("docs")].join() === before.join(),
  );
  check("what stays was not touched", liveOf("games") === games);
  const again = await estate.sitefleet(...words);
  check(`a second time nothing goes back: ${again.stderr.trim().split("\n")[0]}`, again.code !== 0);
  await oneIncident(/a critical bug/);
}

/** One incident, and one issue at GitHub that tells it. It is closed then, so that another is one of its own. */
async function oneIncident(evidence: RegExp): Promise<void> {
  const { incidents } = JSON.parse((await estate.sitefleet("incident", "list", "--json")).stdout) as {
    incidents: { id: string; rule: string; state: string }[];
  };
  const open = incidents.filter(({ state }) => state !== "closed");
  check("one incident", open.length === 1 && open[0]?.rule === "taken-back");
  const issues = (await issuesOf(estate)).filter(({ number }) => !told.has(number));
  for (const { title, body } of issues) say(`       ${title}\n${body.replaceAll(/^/gm, "       ")}`);
  check("one issue at GitHub, with the evidence", issues.length === 1 && evidence.test(issues[0]?.body ?? ""));
  for (const { number } of issues) told.add(number);
  for (const { id } of open) await estate.sitefleet("incident", "close", id);
}
