/** The characters of a token (RFC 9110 section 5.6.2): what a header's name consists of. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Returns a header's name as Go's `net/http` writes it, `X-Api-Key`: a letter at the start or behind a hyphen is upper case, any other
 * lower case. What is no name stays as it is.
 */
export function canonicalName(name: string): string {
  if (!token.test(name)) return name;
  return name
    .toLowerCase()
    .replace(/(^|-)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase());
}
