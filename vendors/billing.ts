/** A message of a vendor about spending. */
export type SpendMessage =
  | {
      readonly kind: "threshold";
      readonly team: string;
      readonly percent: number;
      /** In the vendor's currency. */
      readonly budget: number;
      readonly spent: number;
    }
  /** The cycle is over: nothing has passed a limit, and nothing is to be stopped. */
  | { readonly kind: "cycle-end"; readonly team: string };

/** What a vendor is asked about money. */
export interface Billing {
  /** Longest range that one request may ask for, days. */
  readonly longestDays: number;
  /**
   * Charges as lines of FOCUS, in the order of their days, as they arrive: nothing is held.
   *
   * @param range ISO 8601, `to` exclusive
   * @param env with the token and, if it is elsewhere, the address of the API
   * @param team slug or id. @default the token's own account
   * @throws SitefleetError `cost.charges`
   */
  charges(
    range: { readonly from: string; readonly to: string },
    env: NodeJS.ProcessEnv,
    team?: string,
  ): AsyncIterable<Uint8Array>;
  /** Setting of the stacks that names the team. */
  readonly team: string;
  /** Header that a message about spending is signed in. */
  readonly signature: string;
  /**
   * Reads a message about spending, after its signature.
   *
   * @param body as it was received, byte for byte
   * @throws SitefleetError `cost.webhook` when it is not signed with the secret, or is no message that is known
   */
  readMessage(body: string | Uint8Array, signature: string | undefined, secret: string): SpendMessage;
}
