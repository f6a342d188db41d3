import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CheckSpec } from "../../src/grpc-client/check-spec.ts";
import { askForBook, writeBooksPolicy } from "../scenarios/book-requests.ts";
import type { ScenarioInput } from "../scenarios/scenario.ts";

/**
 * Returns so many requests, each with a path and a token of its own: half are allowed; of the others the role may not, or
 * the signature is wrong.
 *
 * @param folder where the policy is written
 */
export async function prepareSoak(folder: string, distinct: number): Promise<ScenarioInput> {
  const file = join(folder, "soak.yaml");
  await writeFile(file, writeBooksPolicy());
  return {
    policyPaths: [file],
    requests: Array.from({ length: distinct }, (_, number) => askFor(number)),
  };
}

function askFor(number: number): CheckSpec {
  const ask = askForBook({ number, role: number % 2 === 0 ? "admin" : "guest", alg: "HS256" });
  const path = `/books/${number}`;
  switch (number % 8) {
    case 0:
    case 2:
      return ask("POST", path, true);
    case 1:
    case 3:
      return ask("GET", path, true);
    case 4:
      return ask("DELETE", path, false);
    case 5:
      return ask("POST", path, false);
    default:
      return forge(ask("GET", path, false));
  }
}

/** With a signature that is another one's. */
function forge(spec: CheckSpec): CheckSpec {
  const { authorization = "" } = spec.headers;
  const signedLength = authorization.lastIndexOf(".") + 1;
  const signature = Buffer.from(spec.path.padStart(32)).toString("base64url");
  return {
    ...spec,
    headers: { authorization: authorization.slice(0, signedLength) + signature },
  };
}
