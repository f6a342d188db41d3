import type { Steps } from "../model/resumable.ts";

/** One document of a policy file. */
export interface DocumentText {
  /** Its lines, each ending in `\n`. */
  readonly text: string;
  /** The file's line it starts on, 1-based. */
  readonly line: number;
}

/** A place where the original drops what follows in silence; we refuse the file. */
interface SplitFault {
  readonly message: string;
  readonly line: number;
}

/** A file cut into documents. */
export interface SplitFile {
  readonly documents: readonly DocumentText[];
  readonly faults: readonly SplitFault[];
}

const separator = "---";
const documentMark = /^(?:---|\.\.\.)(?=[ \t]|$)/;

/**
 * Returns the documents of a file, cut at lines that start with `---` as the original cuts them: such a line ends a document
 * that has any line already and otherwise becomes its first; blank lines and comments alone are no document.
 */
export function* splitDocumentsSteps(text: string): Steps<SplitFile> {
  const documents: DocumentText[] = [];
  const faults: SplitFault[] = [];
  let lines: string[] = [];
  let firstLine = 1;
  const close = (): void => {
    const whole = lines.map((line) => `${line}\n`).join("");
    lines = [];
    if (isEmptyDocument(whole)) return;
    const dropped = findDropped(whole);
    documents.push({ text: whole.slice(0, dropped), line: firstLine });
    if (dropped === undefined) return;
    const message = "what stands behind the end of a document is never read";
    faults.push({ message, line: firstLine + whole.slice(0, dropped).split("\n").length - 1 });
  };
  for (const [index, line] of splitLines(text).entries()) {
    if (line.startsWith(separator)) {
      yield;
      const rest = line.slice(separator.length).trim();
      if (rest !== "" && !rest.startsWith("#")) {
        faults.push({ message: "nothing but a comment may follow `---`", line: index + 1 });
        close();
        continue;
      }
      if (lines.length > 0) {
        close();
        continue;
      }
    }
    if (lines.length === 0) firstLine = index + 1;
    lines.push(line);
  }
  if (lines.length > 0) close();
  return { documents, faults };
}

function splitLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function isEmptyDocument(text: string): boolean {
  return text.split("\n").every((line) => /^(?:#|$)/.test(line.trim()));
}

/**
 * Where content starts that the original never reads: below a line `...`, or below a `---` behind a line end that is
 * not `\n`. Undefined when there is none.
 */
function findDropped(text: string): number | undefined {
  let hasContent = false;
  let hasEnded = false;
  let offset = 0;
  for (const line of text.split(/[\n\r\u0085\u2028\u2029]/)) {
    const isMark = documentMark.test(line);
    hasEnded ||= isMark && (hasContent || line.startsWith("."));
    const isBlank = /^(?:#|$)/.test(line.replace(documentMark, "").trim());
    if (hasEnded && !isBlank) return offset;
    hasContent ||= !isBlank || isMark;
    offset += line.length + 1;
  }
  return undefined;
}
