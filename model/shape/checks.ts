import { z } from "zod";
import { SERVICE_KINDS } from "./services.ts";
import { text } from "./values.ts";

const Status = z.int().min(100).max(599);
const UrlPath = text(/^\/[\x21-\x7e]{0,500}$/, 'a path that begins with "/"');
const HeaderName = text(/^[a-z0-9-]{1,64}$/, "a header's name in lower case");
const Address =
  /^(https?:\/\/)?(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$|^(\d{1,5}=(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?)(,\d{1,5}=(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?)*$/;

/** One layer of checks; what is left out is as the layer before has it. */
export const CheckLayerShape = z.strictObject({
  path: UrlPath.optional().meta({ description: "Path that is asked for.", examples: ["/health"] }),
  statuses: z.array(Status).min(1).optional().meta({ description: "Statuses that pass." }),
  marker: text(/^[^\p{Cc}]{1,300}$/u, "one line of at most 300 characters")
    .nullable()
    .optional()
    .meta({
      description: "Text that the body must hold; {host}, {ref} and {deployment} are filled in; null = none.",
      examples: ["{ref}"],
    }),
  redirect: z
    .strictObject({
      to: text(/^https?:\/\/[^\s/]+(\/\S*)?$/, "an address such as https://www.example.org").meta({
        description: "Where to: https://host, to which the path is added, or a full address.",
        examples: ["https://www.example.org"],
      }),
      statuses: z.array(Status).min(1).default([301, 308]).meta({ description: "Statuses that pass." }),
    })
    .nullable()
    .optional()
    .meta({ description: "The host only redirects, e.g. apex to www; null = it does not." }),
  https: z.boolean().optional().meta({ description: "Must http lead to https at the same host?" }),
  timeoutSeconds: z.number().positive().max(120).optional().meta({ description: "Time for one answer." }),
  tries: z.int().min(1).max(10).optional().meta({ description: "Tries until one passes." }),
  release: z
    .strictObject({
      header: HeaderName.nullable()
        .optional()
        .meta({ description: "Header with the release.", examples: ["x-commit"] }),
      meta: text(/^[A-Za-z0-9._:-]{1,64}$/, "a name of a meta element")
        .nullable()
        .optional()
        .meta({ description: "Name of the meta element with the release.", examples: ["release"] }),
      path: UrlPath.nullable().optional().meta({ description: "Path whose body is the release." }),
      required: z.boolean().optional().meta({ description: "Does an answer fail that does not say its release?" }),
    })
    .optional()
    .meta({ description: "How an answer says which release it is." }),
  tls: z
    .strictObject({
      verify: z.boolean().optional().meta({ description: "Must the certificate be valid and trusted?" }),
      days: z.number().min(0).optional().meta({ description: "Days that it must still be valid." }),
    })
    .optional()
    .meta({ description: "What the certificate must hold to." }),
  slow: z
    .strictObject({
      percent: z.number().positive().optional().meta({ description: "Percent above the host's own median." }),
      floorMs: z.number().min(0).optional().meta({ description: "Milliseconds above it, both must be passed." }),
      samples: z.int().min(1).max(200).optional().meta({ description: "Times that are kept." }),
      least: z.int().min(1).max(200).optional().meta({ description: "Times that must be known first." }),
      fails: z.boolean().optional().meta({ description: "Is a slow host a failure, or only noted?" }),
    })
    .optional()
    .meta({ description: "When a host counts as slow." }),
});

/** A vantage. */
const VantageShape = z.strictObject({
  name: text(/^[a-z][a-z0-9-]{0,30}$/, "lower case letters, digits and hyphens, a letter first, at most 31").meta({
    description: "Name of the vantage.",
    examples: ["here"],
  }),
  address: text(Address, "host, host:port, http://host:port or PORT=host:port,…")
    .optional()
    .meta({ description: "Asked in place of what DNS says.", examples: ["203.0.113.7"] }),
  proxy: text(/^https?:\/\/[A-Za-z0-9.[\]:-]+$/, "http(s)://host:port, without a login")
    .optional()
    .meta({ description: "HTTP proxy on the way.", examples: ["http://proxy.example.org:3128"] }),
  proxyLogin: text(/^[A-Z_][A-Z0-9_]*$/, "the name of an environment variable")
    .optional()
    .meta({ description: "Environment variable with the proxy's user:password." }),
  resolvers: z
    .array(z.union([z.ipv4(), z.ipv6()], { error: "an IP address" }))
    .min(1)
    .optional()
    .meta({ description: "Name servers that are asked." }),
});

const layers = (key: z.ZodString, description: string) =>
  z.record(key, CheckLayerShape).default({}).meta({ description });
const Key = text(/^\S{1,253}$/, "a name without blanks");

/** checks.yaml. */
export const ChecksFile = z.strictObject({
  defaults: CheckLayerShape.prefault({}).meta({ description: "What holds for everything." }),
  projects: z
    .strictObject({ own: CheckLayerShape.optional(), shared: CheckLayerShape.optional() })
    .prefault({})
    .meta({ description: "Sites by the kind of their project." }),
  kinds: z.partialRecord(z.enum(SERVICE_KINDS), CheckLayerShape).default({}).meta({ description: "Services by kind." }),
  zones: layers(Key, "Sites and services of a zone."),
  sites: layers(Key, "One site, by its host."),
  services: layers(Key, "One service, by its key."),
  deployments: CheckLayerShape.prefault({}).meta({ description: "Deployments on their own address." }),
  vantages: z
    .array(VantageShape)
    .min(1)
    .default([{ name: "here" }])
    .meta({ description: "Where hosts are asked from." }),
});
