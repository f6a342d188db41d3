import { charge } from "../../model/step-limit.ts";
import { parseRequestUri } from "../../values/request-uri.ts";
import {
  type CelFunction,
  define,
  defineMethod,
  listOf,
  opaqueOf,
  optionalOf,
  types,
} from "../functions/define.ts";
import { CelOpaque, CelOptional, noValue } from "../values/value.ts";
import { isDate, isDateTime } from "./date-format.ts";

const { string } = types;

/** Returns what is wrong with a text. */
type Validate = (text: string) => readonly string[];

/** A named format (`kubernetes.NamedFormat`). */
class CelFormat extends CelOpaque {
  override readonly typeName = "kubernetes.NamedFormat";
  readonly name: string;
  readonly validate: Validate;

  constructor(name: string, validate: Validate) {
    super();
    this.name = name;
    this.validate = validate;
  }

  override equals(other: CelOpaque): boolean {
    return other instanceof CelFormat && other.name === this.name;
  }
}

const format = opaqueOf("kubernetes.NamedFormat", CelFormat);

/** The text of a fault of form: what it should be, examples, the expression that it is checked by. */
function formFault(rule: string, examples: readonly string[], pattern: string): string {
  const shown = examples.map((example, index) => `${index > 0 ? " or " : ""}'${example}', `);
  return `${rule} (e.g. ${shown.join("")}regex used for validation is '${pattern}')`;
}

/** Names of at most so many characters and a form. */
function nameRule(maxLength: number, pattern: string, fault: string): Validate {
  const whole = new RegExp(`^${pattern}$`);
  return (text) => [
    ...(Buffer.byteLength(text) > maxLength
      ? [`must be no more than ${maxLength} characters`]
      : []),
    ...(whole.test(text) ? [] : [fault]),
  ];
}

/** A name that something is put behind: a hyphen at its end stands for that. */
function prefixOf(validate: Validate): Validate {
  return (text) => validate(text.length > 1 && text.endsWith("-") ? `${text.slice(0, -2)}a` : text);
}

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;
const label1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const namePart = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const labelText = `(${namePart})?`;

const dns1123Label = nameRule(
  63,
  label,
  formFault(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    ["my-name", "123-abc"],
    label,
  ),
);
const dns1123Subdomain = nameRule(
  253,
  subdomain,
  formFault(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    ["example.com"],
    subdomain,
  ),
);
const dns1035Label = nameRule(
  63,
  label1035,
  formFault(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    ["my-name", "abc-123"],
    label1035,
  ),
);
const labelValue = nameRule(
  63,
  labelText,
  formFault(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    ["MyValue", "my_value", "12345"],
    labelText,
  ),
);
const nameFault = formFault(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  ["MyName", "my.name", "123-abc"],
  namePart,
);
const wholeName = new RegExp(`^${namePart}$`);

function qualifiedName(text: string): readonly string[] {
  const parts = text.split("/");
  const [first = "", second] = parts;
  if (parts.length > 2) {
    const rule =
      "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    const fault = formFault(rule, ["MyName", "my.name", "123-abc"], namePart);
    return [`${fault} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const faults: string[] = [];
  if (second !== undefined) {
    const found = first === "" ? ["must be non-empty"] : dns1123Subdomain(first);
    faults.push(...found.map((fault) => `prefix part ${fault}`));
  }
  const name = second ?? first;
  if (name === "") {
    faults.push("name part must be non-empty");
  } else if (Buffer.byteLength(name) > 63) {
    faults.push("name part must be no more than 63 characters");
  }
  if (!wholeName.test(name)) faults.push(`name part ${nameFault}`);
  return faults;
}

function only(test: (text: string) => boolean, fault: string): Validate {
  return (text) => (test(text) ? [] : [fault]);
}

const formats: ReadonlyMap<string, CelFormat> = new Map(
  Object.entries({
    dns1123Label,
    dns1123Subdomain,
    dns1035Label,
    qualifiedName,
    dns1123LabelPrefix: prefixOf(dns1123Label),
    dns1123SubdomainPrefix: prefixOf(dns1123Subdomain),
    dns1035LabelPrefix: prefixOf(dns1035Label),
    labelValue,
    uri: (text: string) =>
      parseRequestUri(text) === undefined
        ? [`parse ${JSON.stringify(text)}: invalid URI for request`]
        : [],
    uuid: only(
      (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text),
      "does not match the UUID format",
    ),
    byte: only(isBase64, "invalid base64"),
    date: only(isDate, "invalid date"),
    datetime: only(isDateTime, "invalid datetime"),
  }).map(([name, validate]) => [name, new CelFormat(name, validate)]),
);

function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(
    text.replace(/[\r\n]/g, ""),
  );
}

/** The functions of named formats. */
export const formatFunctions: readonly CelFunction[] = [
  define("format.named", [string], optionalOf(format), (_, name) => {
    const found = formats.get(name);
    return found === undefined ? noValue : new CelOptional(found);
  }),
  ...[...formats].map(([name, found]) => define(`format.${name}`, [], format, () => found)),
  defineMethod(
    "validate",
    [format, string],
    optionalOf(listOf(string)),
    (frame, { validate }, text) => {
      const unpaid = charge(frame.budget, text.length * 2);
      if (unpaid !== undefined) return unpaid;
      const faults = validate(text);
      return faults.length === 0 ? noValue : new CelOptional(faults);
    },
  ),
];
