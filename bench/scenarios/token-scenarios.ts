import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  askForBook,
  type Reader,
  sixteenReaders,
  sixteenReadersOfMany,
  writeBooksPolicy,
} from "./book-requests.ts";
import type { Scenario } from "./scenario.ts";

const DISTINCT_TOKENS = 5_000;
const bookPolicy = ["policies/book.yaml"];

/** Scenarios in which a token decides. */
export const tokenScenarios: readonly Scenario[] = [
  {
    name: "seed",
    summary: "the book policy; 16 tokens, half of the requests allowed",
    prepare: async () => ({ policyPaths: bookPolicy, requests: sixteenReaders() }),
  },
  {
    name: "paths",
    summary: "the seed with a wildcard for the path; every call has another path, half are allowed",
    prepare: async (folder) => {
      const file = join(folder, "books.yaml");
      await writeFile(file, writeBooksPolicy());
      return { policyPaths: [file], requests: sixteenReadersOfMany() };
    },
  },
  freshTokens("HS256"),
  freshTokens("HS512"),
  {
    name: "deny-details",
    summary: "the book policy, --deny-body details; most requests denied",
    prepare: async () => ({
      policyPaths: bookPolicy,
      serverArgs: ["--deny-body=details"],
      requests: sixteenReaders().filter(({ allowed }, index) => !allowed || index % 4 === 0),
    }),
  },
];

/** One request of each reader; half are allowed. */
function freshTokens(alg: Reader["alg"]): Scenario {
  return {
    name: `fresh-${alg.toLowerCase()}`,
    summary: `the book policy; 5,000 distinct tokens, ${alg}`,
    prepare: async () => ({
      policyPaths: bookPolicy,
      requests: Array.from({ length: DISTINCT_TOKENS }, (_, number) => {
        const role = number % 2 === 0 ? "admin" : "guest";
        const ask = askForBook({ number, role, alg });
        if (number % 4 < 2) return ask("GET", "/book", true);
        return role === "admin" ? ask("DELETE", "/book", false) : ask("POST", "/book", false);
      }),
    }),
  };
}
