import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readAnswers } from "../../../cli/init/answers-file.ts";
import { type Asker, Stopped } from "../../../cli/init/asker.ts";
import { withFlags } from "../../../cli/init/flags.ts";
import { askMissing } from "../../../cli/init/questions.ts";
import { environment, inEnvironment } from "../../../environment/index.ts";
import type { WrittenAnswers } from "../../../operations/init/answers.ts";
import { World } from "../operations/doctor/world.ts";

// What breaks when these fail: a newcomer's wrong answer is found minutes later, or what was answered is asked again.

let world: World;
const dir = mkdtempSync(join(tmpdir(), "init-"));
beforeAll(async () => {
  world = await new World().open();
});
afterAll(async () => {
  await world.close();
  rmSync(dir, { recursive: true });
});

/** Answers by the question; of several the next. A wrong line is told, and the next one is taken. */
class Scripted implements Asker {
  readonly told: string[] = [];
  readonly asked: string[] = [];
  readonly #answers: Record<string, unknown[]>;
  constructor(answers: Record<string, unknown[]>) {
    this.#answers = answers;
  }
  #next<T>(question: string): T {
    this.asked.push(question);
    const key = Object.keys(this.#answers).find((start) => question.startsWith(start));
    const answer = key === undefined ? undefined : this.#answers[key]?.shift();
    if (answer === undefined) throw new Stopped();
    return answer as T;
  }
  async line(question: string, { wrong }: { wrong?(line: string): string | undefined } = {}): Promise<string> {
    for (;;) {
      const line = this.#next<string>(question);
      const says = wrong?.(line);
      if (says === undefined) return line;
      this.told.push(says);
    }
  }
  secret = async (question: string) => this.#next<string>(question);
  one = async (question: string) => this.#next<string>(question);
  several = async (question: string) => this.#next<string[]>(question);
  yes = async (question: string) => this.#next<boolean>(question);
  tell(text: string): void {
    this.told.push(text);
  }
}

const ask = (asker: Asker, given: WrittenAnswers, save: (answers: WrittenAnswers) => void, env: NodeJS.ProcessEnv) =>
  inEnvironment({ ...environment(), ...env }, () => askMissing(given, { asker, dir, env, save }));

it("every wrong answer is told at once, and the next try asks only what is missing", async () => {
  let kept: WrittenAnswers = {};
  const save = (answers: WrittenAnswers) => {
    kept = answers;
  };
  const first = new Scripted({
    "Name of this estate": ["My Estate!", "first"],
    "Token of Vercel": ["short", "abcdefghijklmnopqrstuvwx"],
    "Zones of this estate": [["example.com"]],
    "A zone that is not there yet?": [false],
    "Vercel:": ["acme"],
    "Host name of a site": ["shop.other.org", "shop.example.com"],
    "Its repository": ["shop", "acme/none", "acme/shop"],
    "Directory in it": ["/root", ""],
    Framework: ["cobol", "nextjs"],
  });
  // The person stops at the question for another site.
  await expect(ask(first, {}, save, { ...world.env, VERCEL_API_TOKEN: "" })).rejects.toThrow(Stopped);
  expect(first.told).toEqual([
    expect.stringMatching(/takes a word/),
    expect.stringMatching(/is no token of Vercel/),
    expect.stringMatching(/takes a name in example\.com/),
    expect.stringMatching(/takes owner\/name/),
    expect.stringMatching(/acme\/none is not there/),
    expect.stringMatching(/takes a directory/),
    expect.stringMatching(/takes other, or one of/),
  ]);
  expect(kept).toMatchObject({
    target: "first",
    settings: { vercelTeam: "acme" },
    zones: [{ name: "example.com", mode: "existing" }],
    sites: [{ host: "shop.example.com", repository: "acme/shop", framework: "nextjs" }],
  });
  // The typed token lies in a file that only its owner can read, and nowhere else.
  const file = kept.tokens?.VERCEL_API_TOKEN ?? "";
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).toBe("abcdefghijklmnopqrstuvwx\n");
  expect(JSON.stringify(kept)).not.toContain("abcdefghijklmnopqrstuvwx");

  const second = new Scripted({
    "Another site?": [false],
    Repository: ["acme/estate"],
    "Are there SSH hosts": [false],
  });
  const whole = await ask(second, kept, save, { ...world.env, VERCEL_API_TOKEN: "" });
  expect(second.asked).toEqual([
    "Another site?",
    expect.stringMatching(/^Repository/),
    expect.stringMatching(/^Are there/),
  ]);
  expect(whole).toEqual({ ...kept, secrets: { repository: "acme/estate" }, hosts: [] });
});

it.each([
  [
    "a host in a site that is none",
    "target: a\nsites:\n  - { host: shop, repository: acme/shop }\n",
    /:3: sites\.0\.host: takes a host name/,
  ],
  ["a field that is not known", "target: a\nzone: b\n", /:1: file: Unrecognized key/],
  ["a file that is no YAML", "target: [", /:1: is not YAML/],
])("%s in an answers file is told with file and line", (_, text, says) => {
  const file = join(dir, "answers.yaml");
  writeFileSync(file, text);
  try {
    readAnswers(file);
    expect.unreachable();
  } catch (error) {
    const { code, details } = error as { code: string; details: string[] };
    expect(code).toBe("init.answers");
    expect(details.join("\n")).toMatch(says);
  }
});

it("options answer single questions, and no option takes a secret", () => {
  const flags = {
    target: "b",
    set: ["vercelTeam=acme"],
    zone: ["example.com"],
    site: ["a.example.com=acme/shop"],
    repository: "acme/estate",
  };
  expect(withFlags({ target: "a", backend: "file:///x", settings: { other: "1" } }, flags)).toEqual({
    target: "b",
    backend: "file:///x",
    settings: { other: "1", vercelTeam: "acme" },
    zones: [{ name: "example.com" }],
    sites: [{ host: "a.example.com", repository: "acme/shop" }],
    secrets: { repository: "acme/estate" },
  });
  expect(() => withFlags({}, { site: ["a.example.com"] })).toThrow(/--site takes HOST=OWNER/);
});
