/**
 * Up to this length the engine's own search takes linear time; it skips no further, so that a longer text which nearly fits
 * everywhere would be compared with nearly all of it everywhere.
 */
const MAX_NATIVE_LENGTH = 250;

/** Returns whether the text has the wanted one in it, in time linear in both (Knuth, Morris and Pratt for a long one). */
export function includesText(text: string, wanted: string): boolean {
  if (wanted.length <= MAX_NATIVE_LENGTH) return text.includes(wanted);
  if (wanted.length > text.length) return false;
  const borders = findBorders(wanted);
  let matched = 0;
  for (let i = 0; i < text.length; i++) {
    matched = extend(wanted, borders, matched, text.charCodeAt(i));
    if (matched === wanted.length) return true;
  }
  return false;
}

/** For each beginning of the text, how much of its end is a beginning of the text too. */
function findBorders(text: string): Uint32Array {
  const borders = new Uint32Array(text.length + 1);
  for (let i = 1; i < text.length; i++) {
    borders[i + 1] = extend(text, borders, borders[i] ?? 0, text.charCodeAt(i));
  }
  return borders;
}

/** How much of the wanted text matches up to and with the unit, when so much did before it. */
function extend(wanted: string, borders: Uint32Array, before: number, unit: number): number {
  let matched = before;
  while (matched > 0 && wanted.charCodeAt(matched) !== unit) matched = borders[matched] ?? 0;
  return wanted.charCodeAt(matched) === unit ? matched + 1 : 0;
}
