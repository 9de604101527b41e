import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ChargeTable, linesOf } from "../../fleet/cost/index.ts";
import { loadCatalog } from "../../model/index.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";

// node bench/cases/read-charges.ts FILE [LINES]: writes so many charges of 1500 projects into the file; without LINES reads them as a vendor's
// stream, and prints what they come to.

const DAY = 86_400_000;
const PROJECTS = 1500;
const SERVICES = [
  ["Edge Requests", "Requests"],
  ["Fast Data Transfer", "GB"],
  ["Fluid Active CPU", "CPU Hours"],
  ["Build Minutes", "CPU Minutes"],
] as const;
const [, , file = "", count] = process.argv;

function* chunks(lines: number): Generator<string> {
  let text = "";
  for (let n = 0; n < lines; n += 1) {
    const day = Date.UTC(2025, 0, 1) + Math.floor(n / (PROJECTS * SERVICES.length)) * DAY;
    const [ServiceName, unit] = SERVICES[n % SERVICES.length] ?? SERVICES[0];
    const project = Math.floor(n / SERVICES.length) % PROJECTS;
    const row = {
      BilledCost: 0.01,
      EffectiveCost: 0.01,
      BillingCurrency: "USD",
      ChargeCategory: "Usage",
      ChargePeriodStart: new Date(day).toISOString(),
      ChargePeriodEnd: new Date(day + DAY).toISOString(),
      ConsumedQuantity: 10,
      ConsumedUnit: unit,
      PricingCategory: "Standard",
      PricingCurrency: "USD",
      PricingQuantity: 10,
      PricingUnit: unit,
      RegionId: "fra1",
      RegionName: "fra1",
      ServiceCategory: "Networking",
      ServiceName,
      ServiceProviderName: "Vercel",
      Tags: { ProjectId: `prj_${project}`, ProjectName: `site-${project}` },
    };
    text += `${JSON.stringify(row)}\n`;
    if (text.length < 65_536) continue;
    yield text;
    text = "";
  }
  yield text;
}

if (count !== undefined) await pipeline(Readable.from(chunks(Number(count))), createWriteStream(file));
else await read();

async function read(): Promise<void> {
  const { prices } = loadCatalog(`${PROJECT_ROOT}/catalog`);
  if (prices === undefined) throw new Error("the catalog has no price list");
  const table = new ChargeTable(prices);
  for await (const batch of linesOf(createReadStream(file))) for (const line of batch) table.read(line);
  const { lines, refused, days } = table;
  process.stdout.write(`${JSON.stringify({ lines, refused, days: days.length })}\n`);
}
