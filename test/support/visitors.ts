import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** Connections at once. */
const AT_ONCE = 8;
/** Between two rounds, ms. */
const PAUSE_MS = 100;

/** What a visitor of a host got. */
export interface Visit {
  /** 0: no answer. */
  readonly status: number;
  /** Commit that the answer names. */
  readonly commit: string | undefined;
}

/** What visitors have seen of a sandbox's sites while something went on. */
export interface Seen {
  /** How often every host was asked. */
  readonly rounds: number;
  /** Most hosts that answered with a commit at a time, by commit. */
  readonly most: ReadonlyMap<string, number>;
  /** Commits that each host has answered with. */
  readonly commits: ReadonlyMap<string, ReadonlySet<string>>;
  /** Answers other than 200: `host status`. */
  readonly errors: ReadonlySet<string>;
}

/** Asks hosts of a sandbox's web server as the world does. */
export class Visitors {
  readonly #web: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

  /** @param web address of the web server */
  constructor(web: string) {
    this.#web = new URL(web);
  }

  /** Asks one host. `fetch` keeps the host name to itself. */
  ask(host: string): Promise<Visit> {
    const { hostname, port } = this.#web;
    return new Promise((resolve) => {
      const none = () => resolve({ status: 0, commit: undefined });
      const call = get({ hostname, port, headers: { host }, agent: this.#agent, timeout: 10_000 }, (answer) => {
        const commit = answer.headers["x-commit"];
        answer.resume().on("error", none);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, commit: commit?.toString() }));
      });
      call.on("error", none).on("timeout", () => call.destroy());
    });
  }

  /** Asks each host once. @returns by host */
  async round(hosts: readonly string[]): Promise<Map<string, Visit>> {
    return new Map(await Promise.all(hosts.map(async (host) => [host, await this.ask(host)] as const)));
  }

  /** Asks all hosts again and again while something goes on. */
  async during<Result>(hosts: readonly string[], run: () => Promise<Result>): Promise<{ result: Result; seen: Seen }> {
    const most = new Map<string, number>();
    const commits = new Map<string, Set<string>>(hosts.map((host) => [host, new Set()]));
    const errors = new Set<string>();
    const state = { rounds: 0, over: false };
    const look = async () => {
      const visits = await this.round(hosts);
      const counts = new Map<string, number>();
      for (const [host, { status, commit }] of visits) {
        if (status !== 200) errors.add(`${host} ${status}`);
        if (commit === undefined) continue;
        commits.get(host)?.add(commit);
        counts.set(commit, (counts.get(commit) ?? 0) + 1);
      }
      for (const [commit, count] of counts) most.set(commit, Math.max(count, most.get(commit) ?? 0));
      state.rounds++;
    };
    const looking = (async () => {
      while (!state.over) {
        await look();
        await sleep(PAUSE_MS);
      }
    })();
    try {
      const result = await run();
      return { result, seen: { rounds: state.rounds, most, commits, errors } };
    } finally {
      state.over = true;
      await looking;
    }
  }
}
