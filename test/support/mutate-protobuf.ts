import type { Random } from "./random.ts";

interface Field {
  readonly number: number;
  readonly type: number;
  /** The value's bytes, without the length of type 2. */
  readonly content: Uint8Array;
}

const LEN = 2;

const texts: readonly Uint8Array[] = [
  ...["", "a", "GET", "__proto__", "constructor", "é日😀", "\u{feff}bom", "0", "x".repeat(130)].map(
    (text) => Buffer.from(text),
  ),
  Uint8Array.of(0xff),
  Uint8Array.of(0x61, 0xc3),
  Uint8Array.of(0xed, 0xa0, 0x80),
  Uint8Array.of(0x00, 0x7f, 0x80),
];

const varints: readonly string[] = [
  "00",
  "01",
  "7f",
  "8001",
  "8100",
  "818000",
  "ffffffff07",
  "ffffffff0f",
  "8080808010",
  "ffffffffffff7f",
  "ffffffffffffffff7f",
  "ffffffffffffffffff01",
  "feffffffffffffffff01",
  "ffffffffffffffffffff01",
  "80",
];

/**
 * Returns the message with one or two changes: of bytes anywhere, or of the fields of one of its messages, lengths around it
 * put right, so that what is inside is reached.
 */
export function mutateProtobuf(message: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let mutated = message;
  for (let changes = 1 + random.below(2); changes > 0; changes--) {
    mutated =
      random.below(6) === 0
        ? mutateBytes(mutated, other, random)
        : mutateFields(mutated, other, random);
  }
  return mutated;
}

function mutateBytes(message: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const at = random.below(message.length + 1);
  const to = Math.min(message.length, at + random.below(8));
  const bytes = Uint8Array.from(message);
  switch (random.below(6)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      return bytes;
    case 1:
      bytes[at] = random.below(256);
      return bytes;
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    default: {
      const from = random.below(other.length + 1);
      return Buffer.concat([
        bytes.subarray(0, at),
        other.subarray(from, from + random.below(20)),
        bytes.subarray(to),
      ]);
    }
  }
}

function mutateFields(message: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const fields = splitFields(message);
  if (fields === undefined || fields.length === 0) {
    return random.below(2) === 0 ? random.pick(texts) : mutateBytes(message, other, random);
  }
  const at = random.below(fields.length);
  const field = fields[at] ?? { number: 1, type: 0, content: Uint8Array.of(0) };
  if (field.type === LEN && random.below(5) > 0) {
    const content =
      field.content.length > 1 && splitFields(field.content) !== undefined
        ? mutateFields(field.content, other, random)
        : random.pick(texts);
    return joinFields(fields.with(at, { ...field, content }));
  }
  return joinFields(changeFields(fields, at, field, random));
}

function changeFields(
  fields: readonly Field[],
  at: number,
  field: Field,
  random: Random,
): readonly Field[] {
  switch (random.below(8)) {
    case 0:
      return fields.toSpliced(at, 1);
    case 1:
      return fields.toSpliced(random.below(fields.length + 1), 0, field);
    case 2:
      return fields.with(at, { ...field, number: 1 + random.below(16) });
    case 3:
      return fields.with(at, { ...field, type: random.below(8) });
    case 4:
      return fields.toSpliced(at, 0, {
        number: 1 + random.below(40),
        type: LEN,
        content: random.pick(texts),
      });
    case 5:
      return fields.toSpliced(at, 0, {
        number: 1 + random.below(40),
        type: 0,
        content: Buffer.from(random.pick(varints), "hex"),
      });
    case 6:
      return fields.toSpliced(at, 0, unknownField(random));
    default:
      return [...fields.slice(at), ...fields.slice(0, at)];
  }
}

function unknownField(random: Random): Field {
  const number = 14 + random.below(2_000);
  switch (random.below(3)) {
    case 0:
      return { number, type: 1, content: new Uint8Array(8) };
    case 1:
      return { number, type: 5, content: new Uint8Array(4) };
    default:
      // An empty group: its end has the same number.
      return { number, type: 3, content: encodeVarint(number * 8 + 4) };
  }
}

/** The message's fields, or undefined when it does not look like one. */
function splitFields(message: Uint8Array): readonly Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  while (at < message.length) {
    const tag = readVarint(message, at);
    const number = Math.floor(tag.value / 8);
    const type = tag.value % 8;
    const end = endOf(message, tag.end, type);
    if (number === 0 || number > 4_000 || end === undefined || end.end > message.length) {
      return undefined;
    }
    fields.push({ number, type, content: message.subarray(end.start, end.end) });
    at = end.end;
  }
  return fields;
}

function endOf(
  message: Uint8Array,
  at: number,
  type: number,
): { readonly start: number; readonly end: number } | undefined {
  switch (type) {
    case 0:
      return { start: at, end: readVarint(message, at).end };
    case 1:
      return { start: at, end: at + 8 };
    case LEN: {
      const length = readVarint(message, at);
      return { start: length.end, end: length.end + length.value };
    }
    case 5:
      return { start: at, end: at + 4 };
    default:
      return undefined;
  }
}

function readVarint(
  message: Uint8Array,
  at: number,
): { readonly value: number; readonly end: number } {
  let value = 0;
  let scale = 1;
  let end = at;
  for (let byte = 0x80; byte >= 0x80 && end < at + 10; end++) {
    byte = message[end] ?? 0;
    value += (byte & 0x7f) * scale;
    scale *= 0x80;
  }
  return { value, end };
}

function joinFields(fields: readonly Field[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap(({ number, type, content }) => [
      encodeVarint(number * 8 + type),
      type === LEN ? encodeVarint(content.length) : new Uint8Array(),
      content,
    ]),
  );
}

function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Uint8Array.of(...bytes, rest);
}
