import * as fc from "fast-check";

/** Returns a text that is any of the given ones with up to six damages: parts cut, doubled, moved, replaced or put in. */
export function damagedText(
  texts: readonly string[],
  pieces: readonly string[],
): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "binary", maxLength: 3 }));
  const damage = fc.record({
    kind: fc.constantFrom("cut", "double", "put", "replace", "splice"),
    at: fc.nat(),
    length: fc.nat(12),
    piece,
    other: fc.constantFrom(...texts),
  });
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(damage, { maxLength: 6 }))
    .map(([text, damages]) =>
      damages.reduce((damaged, { kind, at: anywhere, length, piece: put, other }) => {
        const at = anywhere % (damaged.length + 1);
        const [head, part] = [damaged.slice(0, at), damaged.slice(at, at + length)];
        const rest = damaged.slice(at + length);
        const replacements = {
          cut: "",
          double: part + part,
          put: put + part,
          replace: put,
          splice: other.slice(anywhere % (other.length + 1)),
        };
        return head + replacements[kind] + rest;
      }, text),
    );
}

/** Any text at all, lone surrogates included. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "binary-ascii", maxLength: 40 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
);

/** Returns a text put together of the pieces. */
export function textOfPieces(pieces: readonly string[], maxLength: number): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...pieces), { maxLength }).map((parts) => parts.join(""));
}
