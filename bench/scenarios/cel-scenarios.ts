import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CheckSpec } from "../../src/grpc-client/check-spec.ts";
import { sixteenReaders } from "./book-requests.ts";
import type { Scenario } from "./scenario.ts";

const shelves = 10;
const roles = [
  { method: "GET", role: "reader" },
  { method: "POST", role: "writer" },
] as const;

/** Scenarios of policies in CEL, each the twin of one of assertion trees. */
export const celScenarios: readonly Scenario[] = [
  {
    name: "cel-book",
    summary: "policies/cel-book.yaml, the seed's policy in CEL; half of the requests allowed",
    prepare: async () => ({
      policyPaths: ["policies/cel-book.yaml"],
      requests: sixteenReaders(),
    }),
  },
  {
    name: "cel-rules",
    summary: "the scenario rules in CEL: ten policies of two validations each",
    prepare: async (folder) => {
      const paths = Array.from({ length: shelves }, (_, number) => `/shelf-${number}/books`);
      const file = join(folder, "rules.yaml");
      await writeFile(file, paths.map(writePolicy).join("---\n"));
      return { policyPaths: [file], requests: paths.flatMap(askBothWays) };
    },
  },
  {
    name: "cel-mixed",
    summary: "policies/book.yaml and policies/cel-book.yaml, both of which have to allow",
    prepare: async () => ({
      policyPaths: ["policies/book.yaml", "policies/cel-book.yaml"],
      requests: sixteenReaders(),
    }),
  },
];

function writePolicy(path: string, number: number): string {
  const validations = roles.map(
    ({ method, role }) => `    - expression: >
        object.attributes.request.http.method != "${method}" ? null
          : object.attributes.request.http.headers[?"x-role"].orValue("") == "${role}"
            ? envoy.Allowed().Response() : envoy.Denied(403).WithBody("not your role").Response()
`,
  );
  return `apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: { name: shelf-${number} }
spec:
  evaluation: { mode: Envoy }
  matchConditions:
    - name: path
      expression: object.attributes.request.http.path == "${path}"
  validations:
${validations.join("")}`;
}

/** With the role that is needed and with the other one, by each method. */
function askBothWays(path: string): readonly CheckSpec[] {
  return roles.flatMap(({ method, role: needed }) =>
    roles.map(({ role }) => ({
      method,
      path,
      headers: { "x-role": role },
      allowed: role === needed,
    })),
  );
}
