import { readFileSync } from "node:fs";
import { createEvaluator, type Evaluator } from "../../src/evaluator/evaluator.ts";
import type { CheckInput } from "../../src/model/check-input.ts";
import { defaultPolicyOptions, type PolicyOptions } from "../../src/model/limits.ts";
import { bookToken, freshRequest } from "./fresh-requests.ts";
import { expectSame, type MicroCase } from "./micro-case.ts";

/** Enough for the clock, and few enough that the requests are still in the processor's caches, as in the server. */
const batch = 32;
const policyUrl = new URL("../../policies/book.yaml", import.meta.url);
/** As many tokens as the load benchmark's seed scenario has. */
const knownTokens = Array.from({ length: 16 }, (_, reader) =>
  bookToken(reader % 2 === 0 ? "admin" : "guest", reader),
);
let minted = 1_000;

/** Returns the seed's policy on realistic requests: every request is new, its token is or is not. */
export function evaluationCases(): MicroCase[] {
  return [
    decideCase("seed policy: token cached, the mix of scenario seed", mixedRequest, undefined),
    decideCase(
      "seed policy: token cached, allowed by branch 1 of 3",
      (i) => admin("POST", i),
      true,
    ),
    decideCase("seed policy: token cached, allowed by branch 3 of 3", (i) => guest("GET", i), true),
    decideCase("seed policy: token cached, denied with messages", (i) => guest("POST", i), false),
    decideCase("seed policy: token cached, denied with details", (i) => guest("POST", i), false, {
      denyBody: "details",
    }),
    decideCase(
      "seed policy: token never seen, allowed by branch 1 of 3",
      () => fresh("admin"),
      true,
    ),
    decideCase(
      "seed policy: token never seen, allowed by branch 3 of 3",
      () => fresh("guest"),
      true,
    ),
  ];
}

function decideCase(
  name: string,
  request: (index: number) => CheckInput,
  wanted: boolean | undefined,
  options: Partial<PolicyOptions> = {},
): MicroCase {
  const evaluator = bookEvaluator(options);
  let inputs: CheckInput[] = [];
  return {
    name,
    operations: batch,
    prepare: () => {
      inputs = Array.from({ length: batch }, (_, index) => request(index));
    },
    run: () => {
      let allowed = 0;
      for (const input of inputs) if (evaluator.decide(input).allowed) allowed += 1;
      const share = wanted === undefined ? 0.5 : Number(wanted);
      expectSame(name, allowed, share * batch);
    },
  };
}

function bookEvaluator(options: Partial<PolicyOptions>): Evaluator {
  const text = readFileSync(policyUrl, "utf8");
  const snapshot = { revision: "micro", files: [{ path: "book.yaml", text }] };
  const { evaluator } = createEvaluator(snapshot, { ...defaultPolicyOptions, ...options });
  if (evaluator === undefined) throw new Error("the seed's policy does not load");
  return evaluator;
}

function admin(method: string, index: number): CheckInput {
  return freshRequest(method, "/book", tokenAt(2 * index));
}

function guest(method: string, index: number): CheckInput {
  return freshRequest(method, "/book", tokenAt(2 * index + 1));
}

/** Half are allowed: of admins GET and POST, of guests GET; the others have the wrong method or path. */
function mixedRequest(index: number): CheckInput {
  const isAdmin = index % 2 === 0;
  const ask = Math.floor(index / 2) % 4;
  const reader = tokenAt(index);
  if (ask === 0) return freshRequest("GET", "/book", reader);
  if (ask === 1) return freshRequest("POST", isAdmin ? "/book" : "/books", reader);
  if (ask === 2) return freshRequest(isAdmin ? "DELETE" : "GET", "/book", reader);
  return freshRequest(isAdmin ? "GET" : "POST", isAdmin ? "/books" : "/book", reader);
}

function fresh(role: string): CheckInput {
  minted += 1;
  return freshRequest(role === "admin" ? "POST" : "GET", "/book", bookToken(role, minted));
}

function tokenAt(index: number): string {
  return knownTokens[index % knownTokens.length] ?? "";
}
