/** The shape a property's value has. `set` is a list whose order does not matter. */
type PropertyType = "string" | "number" | "integer" | "boolean" | "any" | "list" | "set" | "map" | "object";

/** Values as they travel between engine and provider: JSON, with {@link UNKNOWN} strings for what is not known yet. */
export type Props = Record<string, unknown>;

/** What a property may state besides its shape. Everything is off by default. */
export interface PropertyOptions {
  /** The user must give it. */
  readonly required?: boolean;
  /** Set by the provider only; never an input. */
  readonly output?: boolean;
  /** Optional input that the provider fills in when the user does not ("optional and computed"). */
  readonly computed?: boolean;
  /** Value used when the input is absent. Not written into the checked inputs, as in bridged providers. */
  readonly default?: unknown;
  /** Environment variables read, in this order, when the input is absent. Provider configuration only. */
  readonly env?: readonly string[];
  /**
   * Encrypted in the state and masked in output. `"output"`: as a whole only in outputs; bridged providers do that to a
   * set whose elements hold a secret.
   */
  readonly secret?: boolean | "output";
  /** A change of it replaces the resource. A function decides by the old and new value. */
  readonly replaces?: boolean | ((before: unknown, after: unknown) => boolean);
  /** Unknown in the preview of any update, instead of keeping its old value (no `UseStateForUnknown` in the real one). */
  readonly volatile?: boolean;
  /** The only values allowed. */
  readonly allowed?: readonly (string | number)[];
  /** Says what is wrong with a known value, or nothing. */
  readonly validate?: (value: unknown) => string | undefined;
  /** Canonical form, used only to compare: two values with the same canonical form are no difference. */
  readonly normalize?: (value: unknown) => unknown;
  /**
   * A state that lacks it counts as equal: for inputs that are newer than existing resources. The engine keeps the new input all the
   * same, and compares the next change with it.
   */
  readonly absentIsEqual?: boolean;
  /** Never read back from the API by refresh; the state's value stays. Informational, for the README's table and tests. */
  readonly writeOnly?: boolean;
}

/** One property of a resource, function, nested object or provider configuration. */
export interface Property extends PropertyOptions {
  readonly type: PropertyType;
  /** Of `list`, `set` and `map`. */
  readonly element?: Property;
  /** Of `object`. */
  readonly fields?: Properties;
}

/** Properties by their Pulumi (camelCase) name. */
export type Properties = Readonly<Record<string, Property>>;

/** A string property. */
export const string = (options: PropertyOptions = {}): Property => ({ type: "string", ...options });
/** A number property, fractions allowed. */
export const number = (options: PropertyOptions = {}): Property => ({ type: "number", ...options });
/** A whole number property. */
export const integer = (options: PropertyOptions = {}): Property => ({ type: "integer", ...options });
/** A boolean property. */
export const boolean = (options: PropertyOptions = {}): Property => ({ type: "boolean", ...options });
/** A property of any JSON value. */
export const any = (options: PropertyOptions = {}): Property => ({ type: "any", ...options });
/** An ordered list of `element`. */
export const list = (element: Property, options: PropertyOptions = {}): Property => ({
  type: "list",
  element,
  ...options,
});
/** An unordered list of `element`: order never is a difference. */
export const set = (element: Property, options: PropertyOptions = {}): Property => ({
  type: "set",
  element,
  ...options,
});
/** A map from strings to `element`. */
export const map = (element: Property, options: PropertyOptions = {}): Property => ({
  type: "map",
  element,
  ...options,
});
/** A nested object. */
export const object = (fields: Properties, options: PropertyOptions = {}): Property => ({
  type: "object",
  fields,
  ...options,
});
