/** The longest header value that Envoy takes from an authorization server, in bytes of UTF-8. */
const maxValueBytes = 16_384;

const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** What would end a header, and start another. */
const endsLine = /[\r\n\0]/;

/** Headers that frame a message or belong to a proxy: no policy sets or removes them. */
const reserved: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
]);

/** Returns why a policy cannot set or remove a header of that name, in lower case, or undefined when it can. */
export function refuseHeaderName(name: string): string | undefined {
  if (name.startsWith(":")) return "a pseudo header cannot be set or removed";
  if (!token.test(name)) return "the header's name is not a token of HTTP in lower case";
  if (reserved.has(name) || name.startsWith("x-envoy-")) {
    return `the header \`${name}\` belongs to the connection or to the proxy`;
  }
  return undefined;
}

/** Returns why a header cannot have that value, or undefined when it can. */
export function refuseHeaderValue(value: string): string | undefined {
  if (endsLine.test(value)) return "a header's value has a line break or a NUL";
  if (Buffer.byteLength(value) > maxValueBytes) {
    return `a header's value is longer than ${maxValueBytes} bytes`;
  }
  return undefined;
}
