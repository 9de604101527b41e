import { z } from "zod";
import type { Frozen } from "../frozen.ts";
import { text, Words } from "./values.ts";

const Key = text(/^[a-z0-9][a-z0-9-]{0,31}$/, "lower case letters, digits and hyphens, at most 32");
const ServiceKey = text(/^[a-z0-9_-]{1,63}$/, "the key of a service");
const Path = text(/^\/[^\s\\]{0,299}$/, "a path that begins with /").refine((path) => !path.startsWith("//"), {
  error: "a path that begins with one /",
});
const Origin = text(/^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/, "an address without a path, like https://idp.stg.example");
const Variable = text(/^[A-Z][A-Z0-9_]{0,99}$/, "the NAME of an environment variable, never the value");
/** What a page shows. May hold `{mail}`, `{name}`, `{password}` and `{run}`. */
const Shown = Words;

/**
 * One thing that a visitor does or sees, by what a person finds on the page: a label, the name of a button or link, a text. Exactly one
 * of the keys.
 */
const StepShape = z
  .strictObject({
    open: Path.optional().meta({ description: "Open this path of the flow's service." }),
    fill: Shown.optional().meta({ description: "Fill the field with this label; `with` is the value." }),
    choose: Shown.optional().meta({ description: "Choose `with` in the list with this label." }),
    check: Shown.optional().meta({ description: "Tick the box with this label." }),
    press: Shown.optional().meta({ description: "Press the button of this name." }),
    follow: Shown.optional().meta({ description: "Follow the link of this name." }),
    see: Shown.optional().meta({ description: "The page shows this text." }),
    miss: Shown.optional().meta({ description: "The page does not show this text." }),
    mail: Shown.optional().meta({ description: "A mail with this in its subject arrives; its first link is opened." }),
    cookie: text(/^[\w.-]{1,100}$/, "the name of a cookie")
      .optional()
      .meta({ description: "This cookie is set." }),
    noCookie: text(/^[\w.-]{1,100}$/, "the name of a cookie")
      .optional()
      .meta({ description: "This cookie is not set." }),
    with: Shown.optional().meta({ description: "The value, for fill and choose." }),
  })
  .superRefine((step, context) => {
    const { with: value, ...does } = step;
    const named = Object.keys(does);
    if (named.length !== 1) context.addIssue({ code: "custom", message: "exactly one thing a step" });
    const needs = named[0] === "fill" || named[0] === "choose";
    if (named.length === 1 && needs !== (value !== undefined))
      context.addIssue({ code: "custom", message: "`with` for fill and choose, and for nothing else" });
  });
/** See {@link StepShape}. */
export type FlowStep = Frozen<z.output<typeof StepShape>>;

const FlowShape = z.strictObject({
  key: Key.meta({ description: "Name of the flow.", examples: ["registration"] }),
  title: Words.meta({ description: "What a visitor does, for people." }),
  service: ServiceKey.meta({ description: "The service on whose pages it happens." }),
  safe: z.boolean().default(false).meta({ description: "May it run on an estate that is not one for tests?" }),
  steps: z.array(StepShape).min(1).max(100),
  cleanup: z.array(StepShape).max(50).default([]).meta({
    description:
      "What takes away all that the flow left, whatever became of it. In the same browser, with its session.",
  }),
});
/** A user flow. */
export type Flow = Frozen<z.output<typeof FlowShape>>;

const SizeShape = z.strictObject({
  name: Key,
  width: z.int().min(240).max(3840),
  height: z.int().min(240).max(4320),
});

const PageShape = z.strictObject({
  key: Key,
  service: ServiceKey,
  path: Path.default("/"),
  flow: Key.optional().meta({
    description: "A flow after whose steps the page is looked at, e.g. a login before a dashboard.",
  }),
  masks: z
    .array(text(/^[^\p{Cc}]{1,200}$/u, "a CSS selector"))
    .max(50)
    .default([])
    .meta({ description: "CSS selectors of what changes from visit to visit: it is covered and not compared." }),
  percent: z.number().min(0).max(100).default(0.1).meta({ description: "Percent of the picture that may differ." }),
});

/** flows.yaml. */
export const FlowsFile = z.strictObject({
  testing: z
    .array(text(/^[A-Za-z0-9_-]{1,63}$/, "a name of sitefleet:target"))
    .default([])
    .meta({
      description: "Estates (sitefleet:target) on which every flow runs. On any other, only flows marked safe do.",
    }),
  staging: z
    .record(ServiceKey, Origin)
    .default({})
    .meta({ description: "Addresses of services for `--staging`, by key. Every flow of these services runs there." }),
  mailbox: z
    .strictObject({
      url: Variable.meta({ description: "Name of the environment variable with the address of a Mailpit server." }),
    })
    .optional()
    .meta({ description: "Where mails to test users arrive. Without it a flow that waits for a mail is not run." }),
  user: z
    .strictObject({
      mail: text(/^[^\s@]{1,64}@[a-z0-9.-]{1,200}$/, "a mail address; {run} makes it one of this run alone").default(
        "flow-{run}@example.org",
      ),
      name: Words.default("Flow {run}"),
    })
    .prefault({})
    .meta({ description: "The test user of a flow. {run} is new for each flow and run; the password is random." }),
  failurePercent: z
    .number()
    .min(0)
    .max(100)
    .default(10)
    .meta({ description: "More than this, and the release goes back." }),
  repeats: z.int().min(0).max(3).default(1).meta({ description: "Times that a flow that failed is tried again." }),
  stepSeconds: z.number().min(1).max(120).default(10).meta({ description: "Seconds that a step may take." }),
  flows: z.array(FlowShape).max(100).default([]),
  visual: z
    .strictObject({
      sizes: z
        .array(SizeShape)
        .min(1)
        .max(5)
        .prefault([
          { name: "phone", width: 390, height: 844 },
          { name: "desktop", width: 1280, height: 800 },
        ]),
      pages: z.array(PageShape).max(50).default([]),
    })
    .prefault({})
    .meta({ description: "Pages whose pictures are compared with those of the last good release." }),
});
/** flows.yaml: what visitors do, and what pages look like. */
export type Flows = Frozen<z.output<typeof FlowsFile>>;
