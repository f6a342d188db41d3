import type { Diagnostic } from "../model/diagnostic.ts";

/** The diagnostic as a terminal shows it: `file:line:column: severity CODE: message`, then the code frame. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, code, message, frame } = diagnostic;
  const place = [file, ...(line > 0 ? [line] : []), ...(line > 0 && column > 0 ? [column] : [])];
  const head = `${place.join(":")}: ${severity} ${code}: ${message}`;
  return frame === undefined ? head : `${head}\n${frame}`;
}
