import type { ProviderDefinition } from "./definition.ts";
import type { Properties, Property } from "./properties.ts";

/** The Pulumi schema of a provider: enough for `pulumi import`'s generated code and YAML programs; nested objects are open. */
export function schemaOf<Client>(definition: ProviderDefinition<Client>): string {
  const resources: Record<string, unknown> = {};
  for (const [token, { properties }] of Object.entries(definition.resources)) {
    resources[token] = {
      properties: shapes(properties, () => true),
      required: names(properties, (property) => property.required || property.output || property.default !== undefined),
      inputProperties: shapes(properties, (property) => !property.output),
      requiredInputs: names(properties, (property) => property.required),
    };
  }
  const functions: Record<string, unknown> = {};
  for (const [token, { inputs, outputs }] of Object.entries(definition.functions)) {
    functions[token] = {
      inputs: { type: "object", properties: shapes(inputs, () => true), required: names(inputs, (p) => p.required) },
      outputs: { type: "object", properties: shapes(outputs, () => true) },
    };
  }
  const config = shapes(definition.config, () => true);
  return JSON.stringify({
    name: definition.name,
    version: definition.version,
    config: { variables: config },
    provider: { inputProperties: config },
    resources,
    functions,
  });
}

function shapes(properties: Properties, keep: (property: Property) => boolean): Record<string, unknown> {
  const kept = Object.entries(properties).filter(([, property]) => keep(property));
  return Object.fromEntries(
    kept.map(([name, property]) => [
      name,
      { ...shape(property), ...(property.secret === true ? { secret: true } : {}) },
    ]),
  );
}

function names(properties: Properties, keep: (property: Property) => boolean | undefined): string[] {
  return Object.entries(properties)
    .filter(([, property]) => keep(property))
    .map(([name]) => name);
}

function shape(property: Property): Record<string, unknown> {
  switch (property.type) {
    case "list":
    case "set":
      return { type: "array", items: shape(property.element!) };
    case "map":
      return { type: "object", additionalProperties: shape(property.element!) };
    case "object":
    case "any":
      return { $ref: "pulumi.json#/Any" };
    default:
      return { type: property.type };
  }
}
