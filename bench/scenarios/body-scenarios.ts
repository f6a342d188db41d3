import type { CheckSpec } from "../../src/grpc-client/check-spec.ts";
import type { Scenario } from "./scenario.ts";

const DISTINCT_BODIES = 8;

/** Scenarios in which a JSON body decides; the larger it is, the fewer requests a second make sense. */
export const bodyScenarios: readonly Scenario[] = [
  bodies(1, [500, 1_000, 2_000, 5_000]),
  bodies(16, [100, 500, 1_000]),
  // More open calls than that would wait longer than the caller does.
  { ...bodies(256, [10, 50]), inFlight: 2 },
];

function bodies(kib: number, rates: readonly number[]): Scenario {
  return {
    name: `bodies-${kib}`,
    summary: `JSON bodies of ${kib} KiB, every item of which is looked at; half allowed`,
    rates,
    prepare: async () => ({
      policyPaths: ["policies/body.yaml"],
      requests: Array.from({ length: DISTINCT_BODIES }, (_, number) => postTransfer(number, kib)),
    }),
  };
}

/** Every other transfer is over the limit. */
function postTransfer(number: number, kib: number): CheckSpec {
  const allowed = number % 2 === 0;
  const transfer = { id: `transfer-${number}`, currency: "EUR", amount: allowed ? 250 : 2_500 };
  const items: object[] = [];
  let bytes = JSON.stringify({ ...transfer, items }).length;
  while (bytes < kib * 1024) {
    const item = { sku: `book-${number}-${items.length}`, quantity: 1 + (items.length % 9) };
    items.push(item);
    bytes += JSON.stringify(item).length + 1;
  }
  const body = JSON.stringify({ ...transfer, items });
  return {
    method: "POST",
    path: "/transfer",
    headers: { "content-type": "application/json", "content-length": String(body.length) },
    body,
    allowed,
  };
}
