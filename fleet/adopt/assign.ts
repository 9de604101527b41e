/** A pair that may belong together. */
export interface Edge<Wanted, Seen> {
  readonly wanted: Wanted;
  readonly seen: Seen;
  /** 0 to 100: 100 = nothing else can be meant. */
  readonly confidence: number;
  readonly reason: string;
}

/** Something declared with more than one object, or an object with more than one declaration, that fit equally well. */
export interface Tie<Wanted, Seen> {
  readonly wanted: readonly Wanted[];
  readonly seen: readonly Seen[];
  readonly reason: string;
}

/**
 * Assigns what belongs together, the surest first. An object goes to one declaration at most, and a declaration gets one object at most.
 * Where several fit equally well none is taken, not by a less sure reason either: all of them are one tie. The order of the
 * input does not matter. Pure.
 */
export function assign<Wanted extends object, Seen extends object>(
  edges: readonly Edge<Wanted, Seen>[],
): { readonly matched: Edge<Wanted, Seen>[]; readonly ties: Tie<Wanted, Seen>[] } {
  const done = new Set<object>();
  const matched: Edge<Wanted, Seen>[] = [];
  const ties: Tie<Wanted, Seen>[] = [];
  const levels = [...new Set(edges.map(({ confidence }) => confidence))].sort((a, b) => b - a);
  const byLevel = Map.groupBy(edges, ({ confidence }) => confidence);
  for (const level of levels) {
    const open = (byLevel.get(level) ?? []).filter(({ wanted, seen }) => !done.has(wanted) && !done.has(seen));
    for (const group of connected(open)) {
      const wanted = [...new Set(group.map((edge) => edge.wanted))];
      const seen = [...new Set(group.map((edge) => edge.seen))];
      for (const one of [...wanted, ...seen]) done.add(one);
      const [edge] = group;
      if (edge === undefined) continue;
      if (wanted.length === 1 && seen.length === 1) matched.push(edge);
      else ties.push({ wanted, seen, reason: edge.reason });
    }
  }
  return { matched, ties };
}

/** Edges that hang together by their ends. */
function connected<Wanted extends object, Seen extends object>(
  edges: readonly Edge<Wanted, Seen>[],
): Edge<Wanted, Seen>[][] {
  const at = new Map<object, Edge<Wanted, Seen>[]>();
  for (const edge of edges)
    for (const end of [edge.wanted, edge.seen]) {
      const known = at.get(end);
      if (known) known.push(edge);
      else at.set(end, [edge]);
    }
  const left = new Set(edges);
  const groups: Edge<Wanted, Seen>[][] = [];
  for (const first of edges) {
    if (!left.delete(first)) continue;
    const group = [first];
    for (const edge of group) {
      for (const end of [edge.wanted, edge.seen])
        for (const next of at.get(end) ?? []) if (left.delete(next)) group.push(next);
    }
    groups.push(group);
  }
  return groups;
}
