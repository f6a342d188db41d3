import type { PolicyFile } from "../../src/model/policy-snapshot.ts";

/**
 * Returns policies of the kind that catalogues hold: tokens and roles, paths, bodies, workload identities, tenants; ten to forty
 * lines each, one in a file. The same number gives the same policies.
 */
export function writeCatalogue(count: number): PolicyFile[] {
  return Array.from({ length: count }, (_, index) => {
    const write = templates[index % templates.length] ?? tokenPolicy;
    const name = `service-${String(index).padStart(4, "0")}`;
    const header = `apiVersion: json.kyverno.io/v1alpha1\nkind: ValidatingPolicy\nmetadata:\n  name: ${name}\n`;
    const labels = `  labels:\n    team: team-${index % 17}\n  annotations:\n    title: Access to ${name}\n`;
    return { path: `${name}.yaml`, text: `${header}${labels}spec:\n  rules:\n${write(name)}` };
  });
}

type WritePolicy = (name: string) => string;

const templates: readonly WritePolicy[] = [
  tokenPolicy,
  rolePolicy,
  pathPolicy,
  bodyPolicy,
  identityPolicy,
  tenantPolicy,
];

function tokenPolicy(name: string): string {
  const branch = (
    method: string,
    role: string,
  ): string => `          - message: "${method} is for ${role}s of ${name}"
            check:
              request:
                http:
                  method: ${method}
                  headers:
                    authorization:
                      (split(@, ' ')[1]):
                        (jwt_decode(@ , '${name}-secret').payload.role): ${role}
`;
  return `    - name: roles-of-${name}
      match:
        any:
          - request:
              http:
                (starts_with(path, '/${name}/')): true
      assert:
        any:
${branch("POST", "admin")}${branch("GET", "admin")}${branch("GET", "guest")}`;
}

function rolePolicy(name: string): string {
  return `    - name: role-may-call-method
      match:
        all:
          - request:
              http:
                host: ${name}.example.com
      exclude:
        any:
          - request:
              http:
                path: /${name}/healthz
      context:
        - name: claims
          variable: (jwt_decode(split(request.http.headers.authorization, ' ')[1], '${name}-key').payload)
        - name: permissions
          variable:
            reader: [GET, HEAD]
            editor: [GET, HEAD, POST, PUT, PATCH]
            admin: [GET, HEAD, POST, PUT, PATCH, DELETE]
      assert:
        all:
          - message: "role {{ to_string($claims.role) }} may not {{ request.http.method }}"
            check:
              (contains(not_null(lookup($permissions, not_null($claims.role, '')), \`[]\`), request.http.method)): true
          - message: "the token is for another audience"
            check:
              ($claims.aud): ${name}
`;
}

function pathPolicy(name: string): string {
  return `    - name: known-paths
      match:
        any:
          - contextExtensions:
              service: ${name}
      context:
        - name: path
          variable: (path_canonicalize(split(request.http.path, '?')[0]))
      assert:
        any:
          - check:
              request:
                http:
                  (contains(['GET', 'HEAD'], method)): true
                  ($path == '/' || wildcard('/${name}/static/*', $path)): true
          - message: "{{ request.http.method }} {{ $path }} is not served here"
            check:
              request:
                http:
                  method: POST
                  (regex_match('^/${name}/orders/[0-9]+$', $path)): true
`;
}

function bodyPolicy(name: string): string {
  return `    - name: transfer-limit
      match:
        all:
          - request:
              http:
                method: POST
                path: /${name}/transfer
      context:
        - name: transfer
          variable: (json_parse_strict(request.http.body))
      assert:
        all:
          - message: "at most 1000 EUR a transfer"
            check:
              ($transfer):
                (amount > \`0\` && amount <= \`1000\`): true
                currency: EUR
          - message: "every item needs a positive quantity"
            check:
              (not_null($transfer.items, \`[]\`)):
                ~.(@):
                  (quantity > \`0\`): true
`;
}

function identityPolicy(name: string): string {
  return `    - name: called-by-its-namespace
      match:
        any:
          - destination:
              principal: spiffe://cluster.local/ns/${name}/sa/server
      assert:
        any:
          - message: "only workloads of namespace ${name} may call"
            check:
              source:
                (wildcard('spiffe://cluster.local/ns/${name}/sa/?*', not_null(principal, ''))): true
          - message: "the audit service may read"
            check:
              source:
                principal: spiffe://cluster.local/ns/audit/sa/reader
              request:
                http:
                  method: GET
`;
}

function tenantPolicy(name: string): string {
  return `    - name: tenant-of-the-route
      match:
        any:
          - contextExtensions:
              tenant: ${name}
      context:
        - name: claims
          variable: (jwt_decode(split(request.http.headers.authorization, ' ')[1], 'tenants').payload)
      assert:
        all:
          - message: "this route serves another tenant"
            check:
              contextExtensions:
                (tenant && tenant == $claims.tenant): true
    - name: exports-need-the-gold-tier
      match:
        any:
          - request:
              http:
                (starts_with(path, '/${name}/export')): true
      assert:
        all:
          - message: "exports need the gold tier"
            check:
              contextExtensions:
                tier: gold
`;
}
