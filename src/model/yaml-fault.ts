import type { PolicyErrorCode } from "./error-codes.ts";

/**
 * The stage that the original got to before it found the fault. It stops at the first stage that has any, so faults of
 * earlier stages hide those of later ones in its text:
 * `syntax` scanning and parsing, `decode` building values, `convert` turning keys into text,
 * `number` writing JSON, `duplicate` the strict second reading, `ours` what it let pass.
 */
export type YamlStage = "syntax" | "decode" | "convert" | "number" | "duplicate" | "ours";

/** Makes the original's text for a fault; only made when asked for, since it takes counting lines. */
export type OriginalText = () => string;

/** The text where the original saw no fault: none. */
export const noText: OriginalText = () => "";

/** Something wrong in a YAML text. */
export interface YamlFault {
  readonly code: PolicyErrorCode;
  readonly stage: YamlStage;
  /** Lower case, no full stop, user input in backticks. */
  readonly message: string;
  /** Where it stands: UTF-16 code units from the start of the text. */
  readonly offset: number;
  /** What the original's YAML library says; empty where it saw no fault. */
  readonly originalText: OriginalText;
}

const stages: readonly YamlStage[] = ["syntax", "decode", "convert", "number", "duplicate", "ours"];

/** Returns the fault the original would have stopped at, or undefined when there is none. */
export function firstFault(faults: readonly YamlFault[]): YamlFault | undefined {
  for (const stage of stages) {
    const fault = faults.find((candidate) => candidate.stage === stage);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
