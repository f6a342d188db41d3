import { type CheckSpec, callDigits } from "../../src/grpc-client/check-spec.ts";
import { mintToken } from "../../test/support/tokens.ts";

/** A reader of the book policy, who has a token. */
export interface Reader {
  readonly number: number;
  readonly role: "admin" | "guest";
  readonly alg: "HS256" | "HS512";
}

/** Returns a request of a reader, and whether policies/book.yaml lets it pass. */
export function askForBook(
  reader: Reader,
): (method: string, path: string, allowed: boolean) => CheckSpec {
  const token = mintToken({ claims: readerClaims(reader), alg: reader.alg });
  const headers = { authorization: `Bearer ${token}` };
  return (method, path, allowed) => ({ method, path, headers, allowed });
}

/**
 * Returns three requests each of 16 readers, admins and guests in turn; half of all are allowed. The policy has one path, so
 * that only a path that it denies can be another one in each call.
 */
export function sixteenReaders(): readonly CheckSpec[] {
  return Array.from({ length: 16 }, (_, number) => {
    const role = number % 2 === 0 ? "admin" : "guest";
    const ask = askForBook({ number, role, alg: "HS256" });
    return role === "admin"
      ? [ask("GET", "/book", true), ask("POST", "/book", true), ask("DELETE", "/book", false)]
      : [
          ask("GET", "/book", true),
          ask("POST", "/book", false),
          ask("GET", `/book/${callDigits}`, false),
        ];
  }).flat();
}

/** Returns the same readers with a path for each call, for the policy below. */
export function sixteenReadersOfMany(): readonly CheckSpec[] {
  return Array.from({ length: 16 }, (_, number) => {
    const role = number % 2 === 0 ? "admin" : "guest";
    const ask = askForBook({ number, role, alg: "HS256" });
    const path = `/books/${callDigits}`;
    return role === "admin"
      ? [ask("GET", path, true), ask("POST", path, true), ask("DELETE", path, false)]
      : [ask("GET", path, true), ask("POST", path, false), ask("GET", `/${callDigits}`, false)];
  }).flat();
}

/** Returns the book policy for books that have a path each, under `/books/`. */
export function writeBooksPolicy(): string {
  const branches = [
    { method: "POST", role: "admin" },
    { method: "GET", role: "admin" },
    { method: "GET", role: "guest" },
  ];
  return `apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata:
  name: books
spec:
  rules:
    - name: readers
      assert:
        any:
${branches.map((branch) => writeBranch(branch)).join("")}`;
}

function writeBranch({ method, role }: { readonly method: string; readonly role: string }): string {
  return `          - message: "${method} is for the role ${role}"
            check:
              request:
                http:
                  method: ${method}
                  (wildcard('/books/*', path)): true
                  headers:
                    authorization:
                      (split(@, ' ')[1]):
                        (jwt_decode(@ , 'secret').payload.role): ${role}
`;
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
