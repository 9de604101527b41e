import { environment } from "../../environment/index.ts";
import { plainSettings, readConfigFile, type UsedVendor, usedVendors } from "../../fleet/run/needs/index.ts";
import type { Catalog } from "../../model/index.ts";
import { askAt } from "../../vendors/ask.ts";
import type { StackKind } from "../../vendors/calls.ts";
import { type Answer, type Check, fault, type Line, ok, warning } from "../../vendors/checkup.ts";
import { readLimits } from "../../vendors/index.ts";
import type { SettingValues } from "../../vendors/setup.ts";

/** Clocks may differ by so much, ms: below it no signature, lease or date is wrong for it. */
const SKEW_MS = 60_000;
/** A vendor that leaves less than this share of its calls is told, percent. */
const LITTLE = 10;

/** An answer of a vendor, and when it came, ms since 1970. */
export interface Heard {
  readonly vendor: string;
  readonly title: string;
  readonly answer: Answer;
  readonly at: number;
}

/** What vendors are asked, and what their answers say beside. */
export interface VendorChecks {
  readonly checks: readonly Check[];
  /** Filled while the checks go on. */
  readonly heard: readonly Heard[];
}

/**
 * The checks of the vendors that these kinds of stack call with a token of the environment. One without such a token has none: that
 * it is missing is told by the cheap part.
 *
 * @param whole the catalog can be read; without it only tokens are looked at
 */
export async function vendorChecks(
  catalog: Catalog,
  whole: boolean,
  kinds: ReadonlySet<StackKind>,
  configFile: string,
): Promise<VendorChecks> {
  const env = environment();
  const heard: Heard[] = [];
  const settings = settingsIn(configFile);
  const used = usedVendors(catalog, kinds);
  const checks = used.map(async (one) => {
    const made = await checksOf(one, { catalog, settings, env, heard });
    return whole ? made : made.filter(({ id }) => id.endsWith(".token"));
  });
  return { checks: (await Promise.all(checks)).flat(), heard };
}

/** The plain settings by key; none where the file cannot be read, which has a line of its own. */
function settingsIn(configFile: string): SettingValues {
  try {
    return plainSettings(readConfigFile(configFile));
  } catch {
    return {};
  }
}

interface Around {
  readonly catalog: Catalog;
  readonly settings: SettingValues;
  readonly env: NodeJS.ProcessEnv;
  readonly heard: Heard[];
}

async function checksOf({ vendor }: UsedVendor, { catalog, settings, env, heard }: Around): Promise<Check[]> {
  const { name, title, credentials, api, account: open } = vendor;
  const token = env[credentials?.variable ?? ""] ?? "";
  const given = env[api?.variable ?? ""] ?? "";
  // What is wrong with either is told without a call.
  if (open === undefined || token === "" || /[^\x21-\x7e]/.test(token) || (given !== "" && !URL.canParse(given)))
    return [];
  const account = await open();
  const onAnswer = (answer: Answer, at: number) => heard.push({ vendor: name, title, answer, at });
  // The questions of one check end with it; so each has a way of asking of its own.
  const made = (signal: AbortSignal) => {
    const ask = askAt({ url: account.address(env), token, env, signal, onAnswer });
    return account.checks({ ask, settings, catalog, now: Date.now() });
  };
  return made(AbortSignal.abort()).map(({ id, title: asks }, index) => ({
    id,
    title: asks,
    look: async (signal) => (await made(signal)[index]?.look(signal)) ?? [],
  }));
}

/** What the answers' dates say of this machine's clock. Pure. */
export function judgeClock(heard: readonly Heard[]): Line[] {
  const off = heard.flatMap(({ title, answer, at }) => {
    const date = Date.parse([answer.headers.date].flat()[0] ?? "");
    return Number.isNaN(date) ? [] : [{ title, ms: at - date }];
  });
  const [worst] = [...off].sort((a, b) => Math.abs(b.ms) - Math.abs(a.ms));
  if (worst === undefined) return [];
  if (Math.abs(worst.ms) <= SKEW_MS) return [ok("clock", "as the vendors' clocks")];
  const by = `${Math.round(Math.abs(worst.ms) / 1000)} s ${worst.ms > 0 ? "ahead of" : "behind"} that of ${worst.title}`;
  return [
    fault(
      "clock",
      `this machine's clock is ${by}: signatures and leases go by it`,
      "set the clock: timedatectl set-ntp true",
    ),
  ];
}

/** What the answers' headers say of the calls that are left. Pure. */
export function judgeCallsLeft(heard: readonly Heard[]): Line[] {
  const last = new Map(heard.map((one) => [one.vendor, one]));
  return [...last.values()].flatMap(({ vendor, title, answer, at }): Line[] => {
    const { amount, remaining, resetInMs } = readLimits(vendor, answer.status, answer.headers, at);
    if (amount === undefined || remaining === undefined) return [];
    const id = `calls.${vendor}`;
    const says = `${title} leaves ${remaining} of ${amount} calls`;
    if (remaining * 100 >= amount * LITTLE) return [ok(id, says)];
    const when = resetInMs === undefined ? "later" : `in ${Math.ceil(resetInMs / 60_000)} minutes`;
    return [warning(id, says, `a large run is better begun ${when}`)];
  });
}
