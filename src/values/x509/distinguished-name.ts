import type { Value, ValueObject } from "../../go-values/value.ts";
import { type DerElement, type DerReader, derTag } from "./der.ts";

/** The fields of Go's `pkix.Name` by the last number of the attribute type 2.5.4.x. */
const listFields: ReadonlyMap<number, string> = new Map([
  [6, "Country"],
  [7, "Locality"],
  [8, "Province"],
  [9, "StreetAddress"],
  [10, "Organization"],
  [11, "OrganizationalUnit"],
  [17, "PostalCode"],
]);
const textFields: ReadonlyMap<number, string> = new Map([
  [3, "CommonName"],
  [5, "SerialNumber"],
]);

/**
 * Returns the JSON of Go's `pkix.Name` for a distinguished name: lists that are empty are null. `readValue` gives an attribute's
 * value, or what is wrong with it; one that is no text is shown among the names only.
 */
export function readName(
  reader: DerReader,
  readValue: (element: DerElement) => Value | NameFault = readText,
): ValueObject {
  const names: ValueObject[] = [];
  const lists = new Map([...listFields.values()].map((field) => [field, new Array<string>()]));
  const texts = new Map<string, string>();
  const sets = reader.inside("x509: invalid RDNSequence");
  while (!sets.isEmpty) {
    const set = sets.inside("x509: invalid RDNSequence", derTag.set);
    while (!set.isEmpty) {
      const attribute = set.inside("x509: invalid RDNSequence: invalid attribute");
      const type = attribute.objectIdentifier("x509: invalid RDNSequence: invalid attribute type");
      const element = attribute.any("x509: invalid RDNSequence: invalid attribute value");
      const value = readValue(element);
      if (value instanceof NameFault) {
        reader.fail(`x509: invalid RDNSequence: invalid attribute value: ${value.problem}`);
        continue;
      }
      names.push({ Type: type, Value: value });
      if (typeof value !== "string" || !/^2,5,4,[0-9]+$/.test(type.join())) continue;
      const [, , , kind = 0] = type;
      const textField = textFields.get(kind);
      lists.get(listFields.get(kind) ?? "")?.push(value);
      if (textField !== undefined) texts.set(textField, value);
    }
  }
  const fields: { [key: string]: Value } = { Names: orNull(names), ExtraNames: null };
  for (const [field, list] of lists) fields[field] = orNull(list);
  for (const field of textFields.values()) fields[field] = texts.get(field) ?? "";
  return fields;
}

/** Returns the list, or null when it is empty, as Go writes a slice that was never filled. */
export function orNull(list: readonly Value[]): Value {
  return list.length === 0 ? null : list;
}

/** The reason why an attribute's value cannot be read. */
export class NameFault {
  readonly problem: string;

  constructor(problem: string) {
    this.problem = problem;
  }
}

/** Returns the text of a string element, or what is wrong with it. */
export function readText({ tag, content }: DerElement): string | NameFault {
  const latin1 = Buffer.from(content).toString("latin1");
  switch (tag) {
    case derTag.t61String:
      return latin1;
    case derTag.printableString:
      return /^[A-Za-z0-9'()+,\-./ :=?*&]*$/.test(latin1)
        ? latin1
        : new NameFault("invalid PrintableString");
    case derTag.utf8String:
      return isUtf8(content) ? decodeUtf8(content) : new NameFault("invalid UTF-8 string");
    case derTag.bmpString:
      return readBmpText(content);
    case derTag.ia5String:
      return isIa5(content) ? latin1 : new NameFault("invalid IA5String");
    case derTag.numericString:
      return /^[0-9 ]*$/.test(latin1) ? latin1 : new NameFault("invalid NumericString");
    default:
      return new NameFault(`unsupported string type: ${tag}`);
  }
}

/** Returns whether the bytes are all ASCII. */
export function isIa5(content: Uint8Array): boolean {
  return content.every((byte) => byte < 0x80);
}

function isUtf8(content: Uint8Array): boolean {
  return Buffer.from(decodeUtf8(content)).equals(content);
}

/** Returns the text of the bytes; what is not UTF-8 becomes U+FFFD, as when Go writes JSON. */
export function decodeUtf8(content: Uint8Array): string {
  return Buffer.from(content).toString("utf8");
}

function readBmpText(content: Uint8Array): string | NameFault {
  if (content.length % 2 !== 0) return new NameFault("invalid BMPString");
  const text = Buffer.from(content).swap16().toString("utf16le").replace(/\0$/, "");
  return /[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]/.test(text)
    ? new NameFault("invalid BMPString")
    : text;
}
