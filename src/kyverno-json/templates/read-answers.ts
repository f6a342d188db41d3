import { isFinalStatus } from "../../model/decision-response.ts";
import { refuseHeaderName } from "../../model/header-rules.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../../model/json.ts";
import { parseYaml, type YamlDocument } from "../../yaml/parse-yaml.ts";
import { findOffset } from "../../yaml/source-offsets.ts";
import {
  type AnsweredVerdict,
  type AnswerFault,
  type AnswerFields,
  type AnswerHeader,
  type AnswerText,
  answerAnnotations,
  type PolicyAnswer,
  type PolicyAnswers,
} from "./answer-document.ts";

/** The result of reading a policy's annotations; answers with an error among the faults are of no use. */
export interface AnswerReading {
  readonly answers: PolicyAnswers;
  readonly faults: readonly AnswerFault[];
}

/** Reads what the annotations of a policy have the proxy told. */
export function readAnswers(metadata: JsonObject, ruleNames: readonly string[]): AnswerReading {
  const annotations = ownValue(metadata, "annotations");
  if (!isJsonObject(annotations)) return { answers: {}, faults: [] };
  const faults: AnswerFault[] = [];
  const read = (verdict: AnsweredVerdict): PolicyAnswer | undefined => {
    const text = ownValue(annotations, answerAnnotations[verdict]);
    if (typeof text !== "string") return undefined;
    return new AnswerReader(verdict, text, ruleNames, faults).read();
  };
  const denied = read("denied");
  const allowed = read("allowed");
  return { answers: { ...(denied && { denied }), ...(allowed && { allowed }) }, faults };
}

type Path = readonly (string | number)[];

const nothing: AnswerFields = {
  headers: [],
  responseHeaders: [],
  removeHeaders: [],
  queryParameters: [],
  removeQueryParameters: [],
};

/** The fields that each verdict takes. */
const fieldNames: { readonly [V in AnsweredVerdict]: readonly string[] } = {
  denied: ["status", "body", "headers", "metadata"],
  allowed: [
    "headers",
    "removeHeaders",
    "responseHeaders",
    "queryParameters",
    "removeQueryParameters",
    "metadata",
  ],
};

/** Reads one annotation and keeps what is wrong with it. */
class AnswerReader {
  readonly #verdict: AnsweredVerdict;
  readonly #text: string;
  readonly #ruleNames: readonly string[];
  readonly #faults: AnswerFault[];
  readonly #yaml: YamlDocument;

  constructor(
    verdict: AnsweredVerdict,
    text: string,
    ruleNames: readonly string[],
    faults: AnswerFault[],
  ) {
    this.#verdict = verdict;
    this.#text = text;
    this.#ruleNames = ruleNames;
    this.#faults = faults;
    this.#yaml = parseYaml(text);
  }

  read(): PolicyAnswer {
    const text = this.#text;
    const { value, faults } = this.#yaml;
    for (const { message, offset } of faults) this.#note(message, offset);
    if (faults.length > 0) return { text, general: nothing, rules: new Map() };
    if (!isJsonObject(value)) {
      this.#note("an answer is a YAML map in a text", 0);
      return { text, general: nothing, rules: new Map() };
    }
    const { rules = null, ...general } = value;
    return { text, general: this.#fields(general, []), rules: this.#rules(rules) };
  }

  #rules(rules: JsonValue): ReadonlyMap<string, AnswerFields> {
    if (rules === null) return new Map();
    if (!isJsonObject(rules)) {
      this.#refuse(["rules"], "`rules` is a map from names of rules to answers");
      return new Map();
    }
    const entries = Object.entries(rules).map(([name, fields]) => {
      const path = ["rules", name];
      if (!this.#ruleNames.includes(name)) this.#refuse(path, `there is no rule \`${name}\``);
      return [
        name,
        isJsonObject(fields) ? this.#fields(fields, path) : this.#noFields(path),
      ] as const;
    });
    return new Map(entries);
  }

  #noFields(path: Path): AnswerFields {
    this.#refuse(path, "an answer is a map");
    return nothing;
  }

  #fields(fields: JsonObject, path: Path): AnswerFields {
    const known = fieldNames[this.#verdict];
    for (const name of Object.keys(fields)) {
      if (known.includes(name)) continue;
      this.#refuse(
        [...path, name],
        `an answer of \`${this.#verdict}\` has ${known.join(", ")}; not \`${name}\``,
      );
    }
    const at = (name: string): JsonValue | undefined => ownValue(fields, name);
    const status = this.#status(at("status"), [...path, "status"]);
    const body = at("body");
    const metadata = at("metadata");
    if (metadata !== undefined && !isJsonObject(metadata)) {
      this.#refuse([...path, "metadata"], "metadata is a map");
    }
    return {
      ...(status !== undefined && { status }),
      ...(body !== undefined && { body: this.#textOf(body, [...path, "body"]) }),
      headers: this.#headers(at("headers"), [...path, "headers"]),
      responseHeaders: this.#headers(at("responseHeaders"), [...path, "responseHeaders"]),
      removeHeaders: this.#names(at("removeHeaders"), [...path, "removeHeaders"], true),
      queryParameters: this.#parameters(at("queryParameters"), [...path, "queryParameters"]),
      removeQueryParameters: this.#names(
        at("removeQueryParameters"),
        [...path, "removeQueryParameters"],
        false,
      ),
      ...(isJsonObject(metadata) && { metadata }),
    };
  }

  #status(status: JsonValue | undefined, path: Path): number | undefined {
    if (status === undefined) return undefined;
    if (typeof status !== "number" || !isFinalStatus(status)) {
      this.#refuse(path, "a status is a whole number from 200 to 599");
      return undefined;
    }
    if (status < 400) {
      this.#note(
        `status ${status} does not tell a client that it is denied`,
        this.#offsetOf(path),
        "warning",
      );
    }
    return status;
  }

  #headers(headers: JsonValue | undefined, path: Path): readonly AnswerHeader[] {
    return this.#members(headers, path, "headers are").map(([written, value]): AnswerHeader => {
      const name = written.toLowerCase();
      const refusal = refuseHeaderName(name);
      if (refusal !== undefined) this.#refuse([...path, written], refusal);
      if (!isJsonObject(value)) {
        return { name, value: this.#textOf(value, [...path, written]), action: "set" };
      }
      const { value: text = null, append = false, ...others } = value;
      if (typeof append !== "boolean" || Object.keys(others).length > 0) {
        this.#refuse([...path, written], "a header is a text, or `value` and `append: true`");
      }
      const action = append === true ? "append" : "set";
      return { name, value: this.#textOf(text, [...path, written, "value"]), action };
    });
  }

  #parameters(parameters: JsonValue | undefined, path: Path): AnswerFields["queryParameters"] {
    return this.#members(parameters, path, "query parameters are").map(([name, value]) => ({
      name,
      value: this.#textOf(value, [...path, name]),
    }));
  }

  #members(
    value: JsonValue | undefined,
    path: Path,
    subject: string,
  ): readonly (readonly [string, JsonValue])[] {
    if (value === undefined) return [];
    if (isJsonObject(value)) return Object.entries(value);
    this.#refuse(path, `${subject} a map from names to texts`);
    return [];
  }

  #names(value: JsonValue | undefined, path: Path, areHeaders: boolean): readonly string[] {
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.#refuse(path, "this is a list of names");
      return [];
    }
    return (value as readonly JsonValue[]).map((item, index) => {
      const name = typeof item === "string" ? item : "";
      const shown = areHeaders ? name.toLowerCase() : name;
      const refusal = areHeaders ? refuseHeaderName(shown) : undefined;
      if (name === "" || refusal !== undefined) {
        this.#refuse([...path, index], refusal ?? "this is a list of names");
      }
      return shown;
    });
  }

  /** YAML reads `1` and `true` as no texts; what is meant is clear. */
  #textOf(value: JsonValue, path: Path): AnswerText {
    const offset = this.#offsetOf(path);
    if (typeof value === "string") return { text: value, offset };
    if (typeof value === "number" || typeof value === "boolean") {
      return { text: String(value), offset };
    }
    this.#refuse(path, "this is a text");
    return { text: "", offset };
  }

  #offsetOf(path: Path): number {
    return findOffset(this.#yaml.place, path);
  }

  #refuse(path: Path, message: string): void {
    this.#note(message, this.#offsetOf(path));
  }

  #note(message: string, offset: number, severity: AnswerFault["severity"] = "error"): void {
    this.#faults.push({ verdict: this.#verdict, severity, message, offset });
  }
}
