import type { Work } from "../../jmespath/compile/work-bound.ts";
import { outlinePattern } from "../../values/regex/outline-pattern.ts";

/** How many instructions a regular expression may have that is looked for in a payload on the main thread. */
const MAX_CHEAP_PATTERN = 256;

const scalarOfPass: Work = { kind: "pass", gives: "scalar" };
const pass: Work = { kind: "pass", gives: 1 };
const lookScalar: Work = { kind: "look", gives: "scalar" };
const matchPattern: Work = { kind: "product", gives: "scalar", isCheap: isCheapPattern };
const replacePattern: Work = { kind: "product", gives: "product", isCheap: isCheapPattern };
const search: Work = { kind: "product", gives: "scalar" };
const replace: Work = { kind: "product", gives: "product" };
const sort: Work = { kind: "sort" };
const fill: Work = { kind: "fill" };
const loopElements: Work = { kind: "loop", gives: "elements" };

const works: readonly (readonly [work: Work, names: string])[] = [
  [lookScalar, "abs ceil floor round time_now time_now_utc type"],
  [{ kind: "look", gives: "first" }, "at lookup"],
  [{ kind: "look", gives: "any" }, "not_null to_array"],
  [
    scalarOfPass,
    "avg compare contains divide ends_with equal_fold label_match length modulo starts_with " +
      "time_after time_before time_between to_boolean to_number",
  ],
  [
    pass,
    "add concat from_items items json_parse json_parse_strict jwt_decode keys lower max merge min multiply object_from_lists " +
      "parse_json path_canonicalize path_normalize reverse round subtract sum time_add time_diff time_parse " +
      "time_since time_to_cron time_truncate time_utc to_lower to_upper trim_left trim_prefix trim_right " +
      "truncate upper url_decode values x509_decode zip",
  ],
  // Quotes, escapes and digits; a character of YAML may be read many times.
  [{ kind: "pass", gives: 8 }, "base64_decode base64_encode parse_yaml split to_string trim"],
  [search, "find_first find_last pattern_match semver_compare wildcard"],
  [replace, "join replace replace_all"],
  [matchPattern, "regex_match"],
  [replacePattern, "regex_replace_all regex_replace_all_literal"],
  [sort, "sort"],
  [{ kind: "unbounded" }, "random sort_by"],
  [fill, "pad_left pad_right"],
  [{ kind: "loop", gives: "results" }, "map"],
  [loopElements, "group_by max_by min_by"],
];

const workByName: ReadonlyMap<string, Work> = new Map(
  works.flatMap(([work, names]) => names.split(" ").map((name) => [name, work] as const)),
);

/** Returns what is known about the work of a function; undefined for one that nothing is known of. */
export function workOfFunction(name: string): Work | undefined {
  return workByName.get(name);
}

function isCheapPattern(pattern: string): boolean {
  return outlinePattern(pattern).size <= MAX_CHEAP_PATTERN;
}
