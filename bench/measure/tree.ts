import { type ProcessFigures, readProcess, readProcesses } from "./proc.ts";

/** How often the tree is looked at, ms. Memory peaks shorter than that may be missed; CPU time is not. */
const SAMPLE_MS = 250;

/** What a watched tree of processes came to. */
export interface TreeFigures {
  /** CPU seconds, user and system, of all processes of the tree. */
  readonly cpu: number;
  /** Highest sum of resident memory seen, bytes. Pages that processes share count in each. */
  readonly peak: number;
  /** Highest number of processes at once. */
  readonly processes: number;
}

/**
 * Watches everything that this process starts while it is watching. CPU time comes from the kernel's sum over children
 * that were waited for, so nothing is lost between two looks. A process that outlives its parent never gets into that sum:
 * what it had used when last seen is added.
 */
export class TreeWatch {
  readonly #before = readProcess("self")?.children ?? 0;
  readonly #known = new Map<string, ProcessFigures>();
  readonly #lost = new Map<string, number>();
  readonly #others: ReadonlySet<number>;
  readonly #timer: NodeJS.Timeout;
  #peak = 0;
  #processes = 0;

  /** Children that are there already are not part of it. */
  constructor() {
    this.#others = new Set(descendants(readProcesses(), process.pid).map(({ pid }) => pid));
    this.#timer = setInterval(() => this.#look(), SAMPLE_MS);
    this.#timer.unref();
  }

  /** Ends the watch; the tree must have ended before. */
  stop(): TreeFigures {
    clearInterval(this.#timer);
    this.#look();
    const after = readProcess("self")?.children ?? 0;
    const lost = [...this.#lost.values()].reduce((sum, seconds) => sum + seconds, 0);
    return { cpu: after - this.#before + lost, peak: this.#peak, processes: this.#processes };
  }

  #look(): void {
    const all = readProcesses();
    const tree = descendants(all, process.pid).filter(({ pid }) => !this.#others.has(pid));
    const inTree = new Set(tree.map(keyOf));
    for (const figures of all) {
      const key = keyOf(figures);
      if (!this.#known.has(key) || inTree.has(key)) continue;
      this.#lost.set(key, figures.own + figures.children);
      // Its children hang below it still.
      for (const child of descendants(all, figures.pid)) this.#lost.set(keyOf(child), child.own + child.children);
    }
    for (const figures of tree) this.#known.set(keyOf(figures), figures);
    this.#peak = Math.max(
      this.#peak,
      tree.reduce((sum, { resident }) => sum + resident, 0),
    );
    this.#processes = Math.max(this.#processes, tree.length);
  }
}

const keyOf = ({ pid, started }: ProcessFigures) => `${pid}:${started}`;

/** All processes below one, by the chain of parents. Pure. */
export function descendants(all: readonly ProcessFigures[], root: number): ProcessFigures[] {
  const children = Map.groupBy(all, ({ parent }) => parent);
  const found: ProcessFigures[] = [];
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    for (const child of children.get(pid) ?? []) {
      found.push(child);
      queue.push(child.pid);
    }
  }
  return found;
}
