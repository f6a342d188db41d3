/** What stands in the place of a secret. */
const redacted = "[redacted]";

/** Names of headers, parameters and fields whose value is a secret, wherever in the name one of these stands. */
const secretName =
  /authorization|cookie|token|secret|passw|credential|api[-_]?key|session|jwt|signature/i;

/** Returns whether a header, parameter or field of this name holds a secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** A value that can be logged; undefined fields are left out. */
export type LogValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly LogValue[]
  | { readonly [name: string]: LogValue };

const maxTextLength = 4_096;
const maxDepth = 6;

/**
 * Returns the text without what looks like a token: anything that begins like a JWT, what follows `Bearer` or `Basic`,
 * and values of `name=value` pairs with a secret's name. Text over 4,096 characters is cut.
 */
export function redactText(text: string): string {
  const cut = text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text;
  return cut
    .replace(/eyJ[\w.~+/=-]{8,}/g, redacted)
    .replace(/\b(bearer|basic|negotiate)(\s+)[^\s"',;]+/gi, `$1$2${redacted}`)
    .replace(/([\w.-]{1,64})=[^\s&"',;]+/g, (pair, name: string) =>
      isSecretName(name) ? `${name}=${redacted}` : pair,
    );
}

/** Returns the value with secrets redacted, by name and by look, at any depth that is logged at all (6 levels). */
export function redactValue(name: string, value: LogValue, depth: number = 0): LogValue {
  if (value === null || value === undefined) return value;
  if (isSecretName(name) && (typeof value === "string" || typeof value === "object")) {
    return redacted;
  }
  if (typeof value === "string") return redactText(value);
  if (typeof value !== "object") return value;
  if (depth >= maxDepth) return "[too deep]";
  if (isList(value)) return value.map((item) => redactValue("", item, depth + 1));
  const entries = Object.entries(value).map(([key, item]): [string, LogValue] => [
    redactText(key),
    redactValue(key, item, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

function isList(value: LogValue): value is readonly LogValue[] {
  return Array.isArray(value);
}
