/** What differs between the declaration and what is live, and why. */
export { classify, type Drifted } from "./classify.ts";
export { type TakeOver, takeOverOf } from "./take-over.ts";
