import type { CheckSpec } from "../src/loadgen/check-spec.ts";
import { mintToken } from "../test/support/tokens.ts";

/** What a scenario needs to run. */
export interface ScenarioInput {
  /** Files or folders, relative to the repository or absolute. */
  readonly policyPaths: readonly string[];
  /** Sent in turn, in a shuffled order that is the same in every run. */
  readonly requests: readonly CheckSpec[];
}

/** One row of the benchmark: policies, and requests whose verdicts are known. */
export interface Scenario {
  readonly name: string;
  /** Half a line for the help text. */
  readonly summary: string;
  /**
   * The policies and requests.
   *
   * @param folder empty, and gone after the run: for policies that are generated
   */
  prepare(folder: string): Promise<ScenarioInput>;
}

/** All scenarios, in the order in which `--scenario all` runs them. */
export const scenarios: readonly Scenario[] = [
  {
    name: "seed",
    summary: "the book policy; 16 tokens, half of the requests allowed",
    prepare: async () => ({
      policyPaths: ["policies/book.yaml"],
      requests: Array.from({ length: 16 }, (_, reader) => bookRequests(reader)).flat(),
    }),
  },
];

/** What one reader asks for: admins and guests in turn, three requests each, half of all allowed. */
function bookRequests(reader: number): readonly CheckSpec[] {
  const role = reader % 2 === 0 ? "admin" : "guest";
  const headers = { authorization: `Bearer ${mintToken({ claims: readerClaims(reader, role) })}` };
  const ask = (method: string, path: string, allowed: boolean): CheckSpec => ({
    method,
    path,
    headers,
    allowed,
  });
  return role === "admin"
    ? [ask("GET", "/book", true), ask("POST", "/book", true), ask("DELETE", "/book", false)]
    : [ask("GET", "/book", true), ask("POST", "/book", false), ask("GET", "/books", false)];
}

/** Claims as an identity provider issues them; the times are fixed so that every run sends the same bytes. */
function readerClaims(reader: number, role: string): Readonly<Record<string, unknown>> {
  return {
    iss: "https://login.example.com/realms/books",
    aud: "books",
    sub: `5b1d0c7e-8f5a-4d0e-9a3c-0000000000${String(reader).padStart(2, "0")}`,
    preferred_username: `reader-${reader}`,
    role,
    iat: 1_767_225_600,
    exp: 4_102_444_800,
  };
}
