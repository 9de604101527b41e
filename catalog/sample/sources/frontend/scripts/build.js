// Stands for a bundler: puts the release's name into page and script.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));
mkdirSync("dist/assets", { recursive: true });
for (const [from, to] of [
  ["src/index.html", "dist/index.html"],
  ["src/app.js", "dist/assets/app.js"],
]) {
  writeFileSync(to, readFileSync(from, "utf8").replaceAll("__RELEASE__", version));
}
