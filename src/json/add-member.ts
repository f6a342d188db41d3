import type { JsonValue } from "../model/json.ts";

/** An object that is being read. */
export interface OpenObject {
  [key: string]: JsonValue;
}

/** Adds a member of one certain name. */
export type AddMember = (object: OpenObject, value: JsonValue) => void;

/**
 * The same over and over, because the engine keeps apart what it learns of each place in the code: one that only ever adds
 * members of one name does so in a third of the time that one for all names takes.
 */
const places: readonly ((name: string) => AddMember)[] = [
  (name) => (object, value) => void (object[name] = value),
  (name) => (object, value) => void (object[name] = value),
  (name) => (object, value) => void (object[name] = value),
  (name) => (object, value) => void (object[name] = value),
  (name) => (object, value) => void (object[name] = value),
  (name) => (object, value) => void (object[name] = value),
  (name) => (object, value) => void (object[name] = value),
  (name) => (object, value) => void (object[name] = value),
  (name) => (object, value) => void (object[name] = value),
  (name) => (object, value) => void (object[name] = value),
  (name) => (object, value) => void (object[name] = value),
  (name) => (object, value) => void (object[name] = value),
];

const adders = new Map<string, AddMember>();

/** Gives the name a place of its own, if there is one left; for names that policies look at, never for a client's. */
export function reservePlace(name: string): void {
  const place = places[adders.size];
  if (place === undefined || name === "__proto__" || adders.has(name)) return;
  // As a key the engine has a name once only, and tells it by its address.
  for (const key of Object.keys({ [name]: null })) adders.set(key, place(key));
}

/** Returns what adds members of that name; undefined for one that has no place of its own. */
export function adderOf(name: string): AddMember | undefined {
  return adders.get(name);
}

/** Adds the member, whatever it is called. */
export function addMember(object: OpenObject, key: string, value: JsonValue): void {
  if (key !== "__proto__") {
    object[key] = value;
  } else {
    Object.defineProperty(object, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}
