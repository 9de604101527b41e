import { z } from "zod";
import { owned } from "../../kit/events.ts";
import { type Failure, failureOf, failureSchema } from "../../kit/failure.ts";
import type { OfServices } from "./over.ts";

type One<Value> =
  | ({ readonly service: string; readonly ok: true } & Value)
  | { readonly service: string; readonly ok: false; readonly error: Failure };

/** What became of services, as programs read it. */
export interface ServicesDocument<Value> {
  /** No service failed. */
  readonly ok: boolean;
  readonly services: readonly One<Value>[];
}

const service = z.string().describe("key of the service");

/** The schema of a document on services. @param shape what is told of each one that did not fail, beside its key */
export const servicesDocument = <Value extends object>(
  shape: {
    readonly [Key in Exclude<keyof Value, "service">]-?: z.ZodType;
  },
): z.ZodType<ServicesDocument<Value>, ServicesDocument<Value>> =>
  owned<ServicesDocument<Value>>(
    z.object({
      ok: z.boolean().describe("no service failed"),
      services: z.array(
        z.discriminatedUnion("ok", [
          z.object({ service, ok: z.literal(true), ...(shape as z.ZodRawShape) }),
          z.object({ service, ok: z.literal(false), error: failureSchema }),
        ]),
      ),
    }),
  );

/** The document of what became of services. Pure. */
export const documentOfServices = <Value extends object>({ outcomes }: OfServices<Value>): ServicesDocument<Value> => ({
  ok: outcomes.every(({ ok }) => ok),
  services: outcomes.map((outcome) =>
    outcome.ok
      ? { service: outcome.service, ok: true as const, ...outcome.value }
      : { service: outcome.service, ok: false as const, error: failureOf(outcome.error) },
  ),
});
