/**
 * What an update changes is asked before and after, and judged; where it serves worse than before, it goes back. See
 * docs/reference/health-gate.md.
 */
export { staysBehind } from "./back.ts";
export { type Settled, type SettleEvent, type SettleOptions, settleRun, takeBack } from "./settle.ts";
export { endsOf, type Unfinished, unfinishedRuns } from "./unfinished.ts";
export {
  beginWatch,
  recallWatch,
  type Watch,
  watchedEvent,
} from "./watch.ts";
