import type { LogFormat } from "../telemetry/log.ts";

/** What a line says beside its text, for machines. */
type AnnouncedFields = Readonly<Record<string, string | number>>;

/** Tells on standard output that the server is up, in the form of the log. */
export interface Announcer {
  /** Writes `text`, or an object with `message` and the fields. */
  announce(text: string, message: string, fields: AnnouncedFields): void;
  /** Writes a line of plain text, which an object carries as its message. */
  print(line: string): void;
}

/** Returns the announcer; unlike the log it redacts nothing, since the demo's tokens are there to be copied. */
export function createAnnouncer(
  format: LogFormat,
  write: (line: string) => void,
  dateMs: () => number,
): Announcer {
  const writeJson = (message: string, fields: AnnouncedFields): void => {
    const time = new Date(dateMs()).toISOString();
    write(`${JSON.stringify({ ...fields, time, level: "info", message })}\n`);
  };
  if (format === "json") {
    return {
      announce: (_text, message, fields) => writeJson(message, fields),
      print: (line) => {
        if (line !== "") writeJson(line, {});
      },
    };
  }
  return {
    announce: (text) => write(`${text}\n`),
    print: (line) => write(`${line}\n`),
  };
}
