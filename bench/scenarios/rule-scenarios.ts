import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CheckSpec } from "../../src/grpc-client/check-spec.ts";
import type { Scenario } from "./scenario.ts";

const PATHS = 10;
const SERVICES_ASKED = 16;
const roles = [
  { method: "GET", role: "reader" },
  { method: "POST", role: "writer" },
] as const;

/** Scenarios in which method, path and a header decide. */
export const ruleScenarios: readonly Scenario[] = [
  {
    name: "rules",
    summary: "20 rules on method, path and a role header, no token; half of the requests allowed",
    prepare: async (folder) => {
      const paths = Array.from({ length: PATHS }, (_, number) => `/shelf-${number}/books`);
      const rules = paths.flatMap((path) => roles.map((row) => writeRule({ path, ...row })));
      const file = join(folder, "rules.yaml");
      await writeFile(file, writePolicy("rules", rules));
      return { policyPaths: [file], requests: paths.flatMap((path) => askBothWays(path)) };
    },
  },
  ...[1, 10, 100, 1_000].map((count) => manyPolicies(count)),
];

/** Policies of which one applies to a request; no more than 16 of them are asked for, whatever the count. */
function manyPolicies(count: number): Scenario {
  return {
    name: `policies-${count}`,
    summary: `${count.toLocaleString("en-US")} ${count === 1 ? "policy" : "policies, each in a file, one of which applies to a request"}`,
    prepare: async (folder) => {
      const files = join(folder, "policies");
      await mkdir(files);
      for (let service = 0; service < count; service++) {
        const name = `service-${service}`;
        const rules = roles.map((row) => writeRule({ path: pathOf(service), ...row }));
        await writeFile(join(files, `${name}.yaml`), writePolicy(name, rules));
      }
      const asked = Array.from({ length: SERVICES_ASKED }, (_, index) =>
        Math.floor((index * count) / SERVICES_ASKED),
      );
      return {
        policyPaths: [files],
        requests: asked.flatMap((service) => askBothWays(pathOf(service))),
      };
    },
  };
}

function pathOf(service: number): string {
  return `/service-${service}/books`;
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

interface Rule {
  readonly path: string;
  readonly method: string;
  readonly role: string;
}

function writePolicy(name: string, rules: readonly string[]): string {
  return `apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata:
  name: ${name}
spec:
  rules:
${rules.join("")}`;
}

function writeRule({ path, method, role }: Rule): string {
  return `    - name: ${method.toLowerCase()}${path.replaceAll("/", "-")}
      match:
        any:
          - request:
              http:
                method: ${method}
                path: ${path}
      assert:
        all:
          - message: "${method} ${path} is for the role ${role}"
            check:
              request:
                http:
                  headers:
                    x-role: ${role}
`;
}
