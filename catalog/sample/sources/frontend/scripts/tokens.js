// Design tokens: tokens.json becomes the style sheet.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const tokens = JSON.parse(readFileSync("tokens.json", "utf8"));
const rules = Object.entries(tokens).map(([selector, values]) => {
  const lines = Object.entries(values).map(([name, value]) => `  ${name}: ${value};\n`);
  return `${selector} {\n${lines.join("")}}\n`;
});
mkdirSync("dist/assets", { recursive: true });
writeFileSync("dist/assets/app.css", rules.join(""));
