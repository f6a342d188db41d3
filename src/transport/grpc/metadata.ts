import type { HeaderList } from "../hpack/header-list.ts";

const binarySuffix = "-bin";

/**
 * Returns the value of a text entry, repeated ones joined by comma, or undefined when there is none. Names that end in `-bin`
 * carry bytes, which are not read as text.
 */
export function readMetadata(fields: HeaderList, name: string): string | undefined {
  const values = name.endsWith(binarySuffix) ? [] : valuesOf(fields, name);
  return values.length === 0 ? undefined : values.join(",");
}

/** Returns the values of a binary entry, whose name ends in `-bin`: base64 with or without padding, several joined by comma. */
export function readBinaryMetadata(fields: HeaderList, name: string): readonly Uint8Array[] {
  if (!name.endsWith(binarySuffix)) return [];
  return valuesOf(fields, name)
    .flatMap((value) => value.split(","))
    .map((value) => Buffer.from(value.trim(), "base64"));
}

function valuesOf({ names, values }: HeaderList, name: string): string[] {
  return name.startsWith(":") ? [] : values.filter((_value, index) => names[index] === name);
}
