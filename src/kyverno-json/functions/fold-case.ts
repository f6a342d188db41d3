import { isAscii } from "../../go-values/go-string.ts";
import { toGoLower, toGoUpper } from "../../go-values/letter-case.ts";

/** The Turkic letters that fold with nothing, though their other case is a plain i. */
const unfolded: ReadonlySet<string> = new Set(["ı", "İ"]);

/**
 * Returns whether both are the same under Unicode's simple case folding (Go `strings.EqualFold`): `K` (Kelvin) equals `k`,
 * `ẞ` equals `ß` but not `ss`. All bytes that are not valid UTF-8 count as U+FFFD.
 */
export function equalFold(left: string, right: string): boolean {
  return foldCase(left) === foldCase(right);
}

/** Goes by way of the upper case, so that all letters that share one meet. */
function foldCase(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  let folded = "";
  for (const character of text) {
    folded += unfolded.has(character) ? character : toGoLower(toGoUpper(character));
  }
  return folded;
}
