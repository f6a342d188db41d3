import { GoStruct, type Value } from "../../go-values/value.ts";
import { GoPointer } from "./go-value.ts";

const monthNames = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** A Kubernetes `Time`: the creation time of a policy, which is nearly always the zero time. */
export class GoTime extends GoStruct {
  readonly typeName: string = "v1.Time";
  readonly #instant: Date | undefined;

  /** `text` is in RFC 3339; what cannot be read is the zero time. */
  constructor(text: string | undefined) {
    super();
    const instant = new Date(text ?? "");
    this.#instant = Number.isNaN(instant.getTime()) ? undefined : instant;
  }

  field(): Value {
    return null;
  }

  toJson(): Value {
    return this.#instant === undefined ? null : `${this.#instant.toISOString().slice(0, 19)}Z`;
  }

  override goSyntax(): string {
    const at = this.#instant;
    if (at === undefined) return "time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC)";
    const month = monthNames[at.getUTCMonth()] ?? "";
    const clock = `${at.getUTCHours()}, ${at.getUTCMinutes()}, ${at.getUTCSeconds()}, 0`;
    return `time.Date(${at.getUTCFullYear()}, time.${month}, ${at.getUTCDate()}, ${clock}, time.Local)`;
  }

  override goText(): string {
    const text = this.#instant?.toISOString() ?? "0001-01-01T00:00:00";
    return `${text.slice(0, 10)} ${text.slice(11, 19)} +0000 UTC`;
  }

  override displayText(): string {
    return this.goText();
  }
}

/** A pointer to a {@link GoTime}; Go lets the time print itself even where the pointer is nil. */
export class GoTimePointer extends GoPointer {
  constructor(target: GoTime | undefined) {
    super("*v1.Time", target);
  }

  override goSyntax(): string {
    return this.target instanceof GoTime ? this.target.goSyntax() : "<nil>";
  }

  override nestedSyntax(): string {
    return this.goSyntax();
  }
}
