import * as fc from "fast-check";
import type { JsonObject, JsonValue } from "../../src/model/json.ts";
import { mintToken } from "../support/tokens.ts";

const roles = ["admin", "guest"];
const badTokens = [
  mintToken({ claims: { role: 7 } }),
  mintToken({ claims: { role: "admin", exp: 1 } }),
  mintToken({ claims: { role: "admin" }, secret: "another" }),
];

const goodTokens = roles.map((role) => mintToken({ claims: { role } }));
/** Mostly good ones. */
const tokens = [...Array.from({ length: 10 }, () => goodTokens).flat(), ...badTokens];

/** What the field is now and then: absent, or of a type that no request has. */
function mostly(...usual: readonly string[]): fc.Arbitrary<JsonValue | undefined> {
  return fc.oneof(
    { weight: 100, arbitrary: fc.constantFrom(...usual) },
    fc.constantFrom(undefined, null, 0, true, [], ["GET"], {}, { role: "admin" }),
  );
}

/** A payload like that of a request, with parts missing and of the wrong type. */
export const requestPayload: fc.Arbitrary<JsonObject> = fc
  .record({
    method: mostly("GET", "POST"),
    path: mostly("/book", "/books/1", "/a b"),
    body: mostly('{"role":"admin","n":[1,2]}', '{"role":1}', "[1,", ""),
    headers: fc.oneof(
      { weight: 100, arbitrary: headersOf() },
      fc.constantFrom<JsonValue | undefined>(undefined, null, "x", []),
    ),
  })
  .map((http) => ({ request: { http: withoutUndefined(http) } }));

function headersOf(): fc.Arbitrary<JsonValue> {
  const authorization = mostly(...tokens.map((token) => `Bearer ${token}`), "Bearer", "x y.z");
  return fc
    .record({ authorization, "x-role": mostly("admin", "guest") })
    .map((headers) => withoutUndefined(headers));
}

function withoutUndefined(value: object): JsonValue {
  return JSON.parse(JSON.stringify(value));
}

const path = "request.http.path";
const claim =
  "jwt_decode(split(request.http.headers.authorization, ' ')[1], 'secret').payload.role";

/** Expressions that mostly give a text. */
const textExpression = fc.constantFrom(
  claim,
  `jwt_decode('${tokens[0] ?? ""}', 'secret').payload.role`,
  "request.http.headers.\"x-role\" || 'nobody'",
  "$role",
  "$payload.request.http.method",
  "to_upper(request.http.method)",
  "let $x = 'ad' in concat($x, 'min')",
  "to_upper('get')",
  "random('[ab]')",
);

/** Expressions that mostly give a boolean. */
const booleanExpression = fc.constantFrom(
  `regex_match('^/book', ${path})`,
  `regex_match(concat('^/', 'book'), ${path})`,
  `wildcard('/book*', ${path})`,
  `starts_with(${path}, '/b')`,
  "contains(['GET', to_upper('post')], request.http.method)",
  "request.http.method == to_upper('get')",
  `request.http.method == 'POST' && ${path} == '/book'`,
  "request.http.method == 'GET' || to_boolean('True')",
  "sum(`[1, 2]`) == `3`",
  "time_now() == time_now()",
  "semver_compare('1.2.3', '>=1.0.0')",
);

/** Expressions that err, or give something else. */
const wildExpression = fc.constantFrom(
  "parse_json(request.http.body).role",
  "parse_json(request.http.body).n[1] > `1`",
  "parse_json('{\"role\": [1, 2]}').role[?@ > `1`]",
  "jwt_decode('a.b.c', 'secret')",
  `regex_match('(', ${path})`,
  "regex_match('(', 'constant')",
  "to_boolean('neither')",
  "request.http.method == 'GET' || to_boolean('neither')",
  "map(&to_upper(@), ['a', 'b'])",
  "no_such_function('a')",
  "length('a', 'b')",
);

/** Expressions over such a payload: dear ones, ones that err, and ones that are constant or nearly so. */
export const requestExpression: fc.Arbitrary<string> = fc.oneof(
  textExpression,
  booleanExpression,
  wildExpression,
);

const wildLeaf = fc.oneof(
  fc.constantFrom<JsonValue>("GET", "admin", true, null, 3, []),
  requestExpression.map((text): JsonValue => `(${text})`),
);

/** Mostly one of these, seldom anything. */
function leafOf(...usual: readonly JsonValue[]): fc.Arbitrary<JsonValue> {
  return fc.oneof({ weight: 100, arbitrary: fc.constantFrom(...usual) }, wildLeaf);
}

const roleLeaf = leafOf(
  "admin",
  "admin",
  "guest",
  null,
  "('admin')",
  `(${claim.replace("request", "$payload.request")})`,
);

function entry(key: fc.Arbitrary<string>, child: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> {
  return fc.tuple(key, child).map((pair) => Object.fromEntries([pair]));
}

function entries(
  ...all: readonly fc.MaybeWeightedArbitrary<JsonValue>[]
): fc.Arbitrary<JsonObject> {
  return fc
    .array(fc.oneof(...all), { minLength: 1, maxLength: 3 })
    .map((made) => Object.assign({}, ...made));
}

const bearer = entry(
  fc.constantFrom("(split(@, ' ')[1])", "(split(@, ' ')[1])->token"),
  entry(fc.constant("(jwt_decode(@, 'secret').payload.role)"), roleLeaf),
);
const headers = entries(
  entry(fc.constant("authorization"), bearer),
  entry(fc.constantFrom("x-role", "x-role->r"), roleLeaf),
);
const http = entries(
  { weight: 15, arbitrary: entry(fc.constantFrom("method", "(method)"), leafOf("GET", "POST")) },
  { weight: 15, arbitrary: entry(fc.constantFrom("path", "(path)->p"), leafOf("/book")) },
  { weight: 20, arbitrary: entry(fc.constant("headers"), headers) },
  entry(fc.constantFrom("headers", "~.headers", "~.(keys(headers))", "body"), wildLeaf),
);
const asked = entries(
  {
    weight: 20,
    arbitrary: entry(
      textExpression.map((text) => `(${text})`),
      roleLeaf,
    ),
  },
  {
    weight: 20,
    arbitrary: entry(
      booleanExpression.map((text) => `(${text})`),
      leafOf(true, false),
    ),
  },
  entry(
    wildExpression.map((text) => `(${text})`),
    wildLeaf,
  ),
  { weight: 20, arbitrary: entry(fc.constant("request"), entry(fc.constant("http"), http)) },
);
const tree: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 2, arbitrary: http.map((child): JsonObject => ({ request: { http: child } })) },
  asked,
);
const message = fc.oneof(
  fc.constantFrom("no", "role {{ $role }}", "{{ to_upper('x') }}"),
  requestExpression.map((text) => `{{ ${text} }}`),
);
const assertion = fc.record({ check: tree, message }, { requiredKeys: ["check"] });
const kind = fc.constantFrom("any", "all");
const matchBlock = fc
  .tuple(kind, fc.array(tree, { minLength: 1, maxLength: 2 }))
  .map((pair) => Object.fromEntries([pair]));
const assertBlock = fc
  .tuple(kind, fc.array(assertion, { minLength: 1, maxLength: 3 }))
  .map((pair) => Object.fromEntries([pair]));

/** A rule over such payloads. */
export const requestRule: fc.Arbitrary<JsonValue> = fc
  .record(
    {
      name: fc.constant("r"),
      context: fc
        .oneof({ weight: 15, arbitrary: textExpression }, requestExpression)
        .map((text) => [{ name: "role", variable: `(${text})` }]),
      match: matchBlock,
      exclude: matchBlock,
      assert: assertBlock,
    },
    { requiredKeys: ["name", "context", "assert"] },
  )
  .map((rule) => withoutUndefined(rule));
