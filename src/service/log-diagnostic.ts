import type { Diagnostic } from "../model/diagnostic.ts";
import type { Log, LogFormat } from "../telemetry/log.ts";

/** Returns the diagnostic as a terminal shows it: `file:line:column: severity CODE: message`, then the code frame. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, code, message, frame } = diagnostic;
  const place = [file, ...(line > 0 ? [line] : []), ...(line > 0 && column > 0 ? [column] : [])];
  const head = `${place.join(":")}: ${severity} ${code}: ${message}`;
  return frame === undefined ? head : `${head}\n${frame}`;
}

/**
 * Logs the diagnostic, without the source line, which may hold a key: for people as compilers write it, for machines
 * with its code and place as fields.
 */
export function logDiagnostic(log: Log, format: LogFormat, diagnostic: Diagnostic): void {
  const { severity, code, message, file, line, column } = diagnostic;
  const level = severity === "error" ? "error" : "warn";
  if (format === "json") log[level](message, { code, file, line, column });
  else log[level](formatDiagnostic({ severity, code, message, file, line, column }));
}
