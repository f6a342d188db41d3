import type { CheckSpec } from "../../src/loadgen/check-spec.ts";
import { mintToken } from "../../test/support/tokens.ts";

/** A reader of the book policy, who has a token. */
export interface Reader {
  readonly number: number;
  readonly role: "admin" | "guest";
  readonly alg: "HS256" | "HS512";
}

/** A request of a reader, and whether policies/book.yaml lets it pass. */
export function askForBook(
  reader: Reader,
): (method: string, path: string, allowed: boolean) => CheckSpec {
  const token = mintToken({ claims: readerClaims(reader), alg: reader.alg });
  const headers = { authorization: `Bearer ${token}` };
  return (method, path, allowed) => ({ method, path, headers, allowed });
}

/** Three requests each of 16 readers, admins and guests in turn; half of all are allowed. */
export function sixteenReaders(): readonly CheckSpec[] {
  return Array.from({ length: 16 }, (_, number) => {
    const role = number % 2 === 0 ? "admin" : "guest";
    const ask = askForBook({ number, role, alg: "HS256" });
    return role === "admin"
      ? [ask("GET", "/book", true), ask("POST", "/book", true), ask("DELETE", "/book", false)]
      : [ask("GET", "/book", true), ask("POST", "/book", false), ask("GET", "/books", false)];
  }).flat();
}

/** Claims as an identity provider issues them; the times are fixed so that every run sends the same bytes. */
function readerClaims({ number, role }: Reader): Readonly<Record<string, unknown>> {
  return {
    iss: "https://login.example.com/realms/books",
    aud: "books",
    sub: `5b1d0c7e-8f5a-4d0e-9a3c-${String(number).padStart(12, "0")}`,
    preferred_username: `reader-${number}`,
    role,
    iat: 1_767_225_600,
    exp: 4_102_444_800,
  };
}
