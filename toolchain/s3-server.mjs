import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./engine.mjs";
import { say } from "./log.mjs";
import { binDir, outsidePath, root, which } from "./paths.mjs";

const NAME = "s3-server";
const FILES = ["go.mod", "go.sum", "main.go"].map((name) => join("toolchain", "s3-server", name));

/** Whether this machine has, or can build, the S3 server of the tests. */
export function hasS3Server() {
  return existsSync(join(binDir, NAME)) || which("go", outsidePath()) !== undefined;
}

/**
 * The S3 server of the tests (versitygw, Apache-2.0, as s3-server/main.go starts it). Built from pinned Go modules when a
 * test first wants it, so set-up does not wait for it; undefined where there is no Go.
 */
export async function s3Server() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of FILES) hash.update(readFileSync(join(root, file)));
  const digest = hash.digest("hex");
  const [target, stamp] = [join(binDir, NAME), join(binDir, `.${NAME}.sha256`)];
  if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return target;
  const go = which("go", outsidePath());
  if (go === undefined) return undefined;
  say("building the S3 server of the tests from pinned Go modules (about a minute, once)");
  mkdirSync(binDir, { recursive: true });
  await build(go, "s3-server", ".", NAME, "");
  writeFileSync(stamp, digest);
  return target;
}
