import type { CallPattern, StackKind } from "./calls.ts";

/** A vendor's API, as its provider calls it. */
export interface Api {
  /** Environment variable that leads the provider to another address. */
  readonly variable: string;
  /** Where the API is when nothing is said. */
  readonly url: string;
  /** The provider needs the slash at the end of an address without path. @default false */
  readonly endsInSlash?: boolean;
  /**
   * The provider gives up after a few refusals, so that its calls go through the gateway, which waits them out. False where the
   * provider waits by itself.
   */
  readonly gateway: boolean;
  /** The longest that a call is kept waiting by the gateway, machine's ms: below the provider's own time-out. */
  readonly patienceMs: number;
  /** What opening a stack costs, whatever it does. @default nothing */
  readonly opening?: Readonly<Partial<Record<StackKind, readonly CallPattern[]>>>;
  /** The path at the vendor of a path that the provider asks for. @param origin of the vendor's address. @default the same */
  pathAt?(path: string, origin: string): string;
  /** The body of an error in the vendor's own shape, so that the provider reads it as it reads the vendor's. Pure. */
  errorBody(status: number, message: string): object;
}
