import type { HeaderValue } from "../gen/envoy/config/core/v3/base_pb.ts";
import { separatorOf } from "./connection-headers.ts";
import { sanitizeText } from "./sanitize-text.ts";

/** Headers by lower-case name. */
export interface HeaderTable {
  [name: string]: string;
}

/**
 * Adds a header line to the table: one that is there already is continued behind a comma, as Envoy joins them; cookies
 * behind `; `.
 *
 * @param name in lower case; `__proto__` is a name like any other
 */
export function addHeader(table: HeaderTable, name: string, value: string): void {
  if (Object.hasOwn(table, name)) {
    setHeader(table, name, `${table[name]}${separatorOf(name)}${value}`);
    return;
  }
  setHeader(table, name, value);
}

/** Returns the table that Envoy would have sent in `headers`, from the list it sends with `encode_raw_headers`. */
export function normalizeHeaderMap(headers: readonly HeaderValue[]): HeaderTable {
  const table: HeaderTable = {};
  for (const { key, value, rawValue } of headers) {
    addHeader(table, key.toLowerCase(), rawValue.length > 0 ? sanitizeText(rawValue) : value);
  }
  return table;
}

/** Sets a header; `__proto__` is a name like any other. */
export function setHeader(table: HeaderTable, name: string, value: string): void {
  if (name === "__proto__") {
    // An assignment would reach the prototype's setter and leave no key behind.
    Object.defineProperty(table, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
    return;
  }
  table[name] = value;
}
