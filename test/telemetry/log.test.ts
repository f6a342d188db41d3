import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createLog, type LogFields, type LogOptions, logLevels } from "../../src/telemetry/log.ts";

function linesOf(
  options: Pick<LogOptions, "format"> & Partial<LogOptions>,
  message: string,
  fields?: LogFields,
): string[] {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  createLog({ level: "info", nowMs: () => 1_000, write, ...options }).info(message, fields);
  return lines;
}

const time = "1970-01-01T00:00:01.000Z";

const texts: { name: string; message: string; fields?: LogFields; want: string }[] = [
  { name: "no fields", message: "ready", want: `${time} info  ready\n` },
  {
    name: "plain fields stand bare",
    message: "listening",
    fields: { address: "0.0.0.0:9000", workers: 2, tls: false },
    want: `${time} info  listening address=0.0.0.0:9000 workers=2 tls=false\n`,
  },
  {
    name: "others are quoted",
    message: 'a "quoted" one',
    fields: { text: "a b", list: ["x"], none: null },
    want: `${time} info  a "quoted" one text="a b" list=["x"] none=null\n`,
  },
  {
    name: "undefined is left out",
    message: "m",
    fields: { gone: undefined },
    want: `${time} info  m\n`,
  },
  {
    name: "one line, no control characters",
    message: "a\nb\u001b[31m\u009b\u2028",
    fields: { path: "/\r\n1970 error forged" },
    want: `${time} info  a\\nb\\u001b[31m\\u009b\\u2028 path="/\\r\\n1970 error forged"\n`,
  },
  {
    name: "secrets",
    message: "denied Bearer abc",
    fields: { authorization: "Bearer abc", headers: { cookie: "a", accept: "b" } },
    want: `${time} info  denied Bearer [redacted] authorization="[redacted]" headers={"cookie":"[redacted]","accept":"b"}\n`,
  },
];

suite("text lines", () => {
  for (const { name, message, fields, want } of texts) {
    test(name, () => assert.deepEqual(linesOf({ format: "text" }, message, fields), [want]));
  }
});

test("JSON lines hold the fields and cannot be forged by them", () => {
  const fields = { time: "never", level: "error", message: "other", path: "/\n", cookie: "a" };
  const line = linesOf({ format: "json" }, "denied", fields).join("");
  assert.ok(line.endsWith("}\n"));
  assert.equal(line.indexOf("\n"), line.length - 1);
  assert.deepEqual(JSON.parse(line), {
    time,
    level: "info",
    message: "denied",
    path: "/\n",
    cookie: "[redacted]",
  });
});

suite("levels below the log's are left out", () => {
  logLevels.forEach((level, index) => {
    test(level, () => {
      const written: string[] = [];
      const log = createLog({ format: "json", level, write: (line) => void written.push(line) });
      for (const each of logLevels) log[each](each);
      assert.deepEqual(
        written.map((line) => JSON.parse(line).level),
        logLevels.slice(index),
      );
    });
  });
});
