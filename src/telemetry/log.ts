import { type LogValue, redactText, redactValue } from "./redact.ts";

/** The levels of lines, the least first. */
export const logLevels = ["debug", "info", "warn", "error"] as const;

/** One of {@link logLevels}. */
type LogLevel = (typeof logLevels)[number];

/** The form of lines: `text` for people, `json` for machines. */
export type LogFormat = "text" | "json";

/** The fields of a line beside its message. */
export type LogFields = Readonly<Record<string, LogValue>>;

/** Writes log lines. Secrets in messages and fields are redacted, whoever logs them. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** The options of {@link createLog}. */
export interface LogOptions {
  /** `json` is one object a line with `time`, `level`, `message`, and the fields. */
  readonly format: LogFormat;
  /** Lines of lower levels are left out. */
  readonly level: LogLevel;
  /** Takes each line, its line feed included. */
  readonly write: (line: string) => void;
  /** Milliseconds since the epoch, `Date.now` unless given. */
  readonly nowMs?: () => number;
}

/** Returns a log that writes each call as exactly one line, whatever is in it. */
export function createLog(options: LogOptions): Log {
  const { write } = options;
  const nowMs = options.nowMs ?? Date.now;
  const format = options.format === "json" ? formatJsonLine : formatTextLine;
  const least = logLevels.indexOf(options.level);
  const lineOf =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (logLevels.indexOf(level) < least) return;
      const time = new Date(nowMs()).toISOString();
      const entries = Object.entries(fields).flatMap(([name, value]): [string, LogValue][] =>
        value === undefined ? [] : [[name, redactValue(name, value)]],
      );
      write(`${escapeControls(format(time, level, redactText(message), entries))}\n`);
    };
  return {
    debug: lineOf("debug"),
    info: lineOf("info"),
    warn: lineOf("warn"),
    error: lineOf("error"),
  };
}

type LineFormat = (
  time: string,
  level: LogLevel,
  message: string,
  entries: readonly [string, LogValue][],
) => string;

const formatJsonLine: LineFormat = (time, level, message, entries) =>
  JSON.stringify({ ...Object.fromEntries(entries), time, level, message });

const formatTextLine: LineFormat = (time, level, message, entries) => {
  const plain = JSON.stringify(message).slice(1, -1).replaceAll('\\"', '"');
  const fields = entries.map(([name, value]) => ` ${textOf(name)}=${textOf(value)}`);
  return `${time} ${level.padEnd(5)} ${plain}${fields.join("")}`;
};

/** Bare when that cannot be misread, else as JSON. */
function textOf(value: LogValue): string {
  if (typeof value === "string" && /^[\w./:@%+-]+$/.test(value)) return value;
  return JSON.stringify(value);
}

/** JSON leaves these as they are: a terminal or a line splitter would act on them. */
function escapeControls(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
