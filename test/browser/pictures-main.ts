import { join } from "node:path";
import { serveDashboard } from "../../dashboard/server/start.ts";
import { openBrowser } from "../../flows/browser.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { Simulated } from "./support/simulated.ts";

// npm run pictures: the pictures of docs/guides/dashboard.md, of a made-up estate in the middle of a rollout.

const SITES = 1500;
const DIR = join(PROJECT_ROOT, "docs", "guides", "dashboard");

const estate = new Simulated(SITES);
const served = await serveDashboard(estate.estate, { port: 0 });
const browser = await openBrowser();
try {
  await estate.begin();
  await estate.work(30);
  for (const width of [1440, 1024, 390])
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await browser.newPage({ viewport: { width, height: width < 500 ? 844 : 900 }, colorScheme });
      await page.goto(served.url);
      await page.waitForSelector(".run-figures");
      await page.screenshot({ path: join(DIR, `${width}-${colorScheme}.jpg`), type: "jpeg", quality: 60 });
      await page.close();
    }
} finally {
  await browser.close();
  await served.close();
  await estate.remove();
}
