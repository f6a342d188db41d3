import assert from "node:assert/strict";
import { test } from "node:test";
import { EvaluationError } from "../../../src/model/evaluation-error.ts";
import { formatRfc3339 } from "../../../src/values/time/go-time.ts";
import { compileLayout, parseGoTime } from "../../../src/values/time/go-time-layout.ts";

const rfc3339 = "2006-01-02T15:04:05Z07:00";

/** The time and its nanoseconds, or the error's text. */
function parse(layout: string, text: string): string {
  const time = parseGoTime(compileLayout(layout), text);
  if (time instanceof EvaluationError) return time.message;
  return `${formatRfc3339(time)} ${time.nanoseconds}`;
}

// The wanted times and texts are those of Go's time.Parse on a server in UTC.
const cases = [
  { layout: rfc3339, text: "2021-01-01T3:04:05Z", want: "2021-01-01T03:04:05Z 0" },
  { layout: rfc3339, text: "2021-01-01T03:04:05,5Z", want: "2021-01-01T03:04:05Z 500000000" },
  {
    layout: rfc3339,
    text: "2021-01-01T03:04:05.123456789123Z",
    want: "2021-01-01T03:04:05Z 123456789",
  },
  {
    layout: rfc3339,
    text: "2021-01-01t03:04:05Z",
    want: 'parsing time "2021-01-01t03:04:05Z" as "2006-01-02T15:04:05Z07:00": cannot parse "t03:04:05Z" as "T"',
  },
  {
    layout: rfc3339,
    text: "2021-01-01T03:04:05z",
    want: 'parsing time "2021-01-01T03:04:05z" as "2006-01-02T15:04:05Z07:00": cannot parse "z" as "Z07:00"',
  },
  {
    layout: rfc3339,
    text: "2021-01-01T03:04:60Z",
    want: 'parsing time "2021-01-01T03:04:60Z": second out of range',
  },
  {
    layout: rfc3339,
    text: "2021-01-01T24:00:00Z",
    want: 'parsing time "2021-01-01T24:00:00Z": hour out of range',
  },
  {
    layout: rfc3339,
    text: "2021-02-29T00:00:00Z",
    want: 'parsing time "2021-02-29T00:00:00Z": day out of range',
  },
  { layout: rfc3339, text: "2024-02-29T00:00:00+05:30", want: "2024-02-29T00:00:00+05:30 0" },
  {
    layout: rfc3339,
    text: "2021-13-01T00:00:00Z",
    want: 'parsing time "2021-13-01T00:00:00Z": month out of range',
  },
  {
    layout: rfc3339,
    text: "2021-01-02",
    want: 'parsing time "2021-01-02" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"',
  },
  {
    layout: rfc3339,
    text: "2021-01-02T15:04:05+0700",
    want: 'parsing time "2021-01-02T15:04:05+0700" as "2006-01-02T15:04:05Z07:00": cannot parse "+0700" as "Z07:00"',
  },
  {
    layout: rfc3339,
    text: "2021-01-02T15:04:05+25:00",
    want: 'parsing time "2021-01-02T15:04:05+25:00": time zone offset hour out of range',
  },
  { layout: rfc3339, text: "2021-01-02T15:04:05+24:60", want: "2021-01-02T15:04:05+25:00 0" },
  {
    layout: rfc3339,
    text: "2021-01-02T15:04:05+24:61",
    want: 'parsing time "2021-01-02T15:04:05+24:61": time zone offset minute out of range',
  },
  {
    layout: rfc3339,
    text: 'it\'s "é"',
    want: 'parsing time "it\'s \\"\\xc3\\xa9\\"" as "2006-01-02T15:04:05Z07:00": cannot parse "it\'s \\"\\xc3\\xa9\\"" as "2006"',
  },
  { layout: rfc3339, text: "0000-01-01T00:00:00Z", want: "0000-01-01T00:00:00Z 0" },
  {
    layout: rfc3339,
    text: "2021-01-02T15:04:05Z ",
    want: 'parsing time "2021-01-02T15:04:05Z ": extra text: " "',
  },
  {
    layout: rfc3339,
    text: "",
    want: 'parsing time "" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "2006"',
  },
  {
    layout: "Mon Jan 2 15:04:05 MST 2006",
    text: "Tue Jan 12 11:22:33 PST 2021",
    want: "2021-01-12T11:22:33Z 0",
  },
  {
    layout: "2006-01-02 15:04 MST",
    text: "2021-01-02 10:00 GMT+3",
    want: "2021-01-02T13:00:00+03:00 0",
  },
  {
    layout: "2006-01-02 15:04 MST",
    text: "2021-01-02 10:00 GMT+24",
    want: 'parsing time "2021-01-02 10:00 GMT+24": extra text: "+24"',
  },
  { layout: "2006-01-02 15:04 MST", text: "2021-01-02 10:00 +03", want: "2021-01-02T10:00:00Z 0" },
  { layout: "MST", text: "WITA", want: "0000-01-01T00:00:00Z 0" },
  {
    layout: "MST",
    text: "ABCDE",
    want: 'parsing time "ABCDE" as "MST": cannot parse "ABCDE" as "MST"',
  },
  { layout: "MST", text: "ab", want: 'parsing time "ab" as "MST": cannot parse "ab" as "MST"' },
  { layout: "MST", text: "UTC", want: "0000-01-01T00:00:00Z 0" },
  { layout: "06", text: "68", want: "2068-01-01T00:00:00Z 0" },
  { layout: "06", text: "69", want: "1969-01-01T00:00:00Z 0" },
  { layout: "06", text: "-5", want: "1995-01-01T00:00:00Z 0" },
  { layout: "06", text: "5", want: 'parsing time "5" as "06": cannot parse "5" as "06"' },
  {
    layout: "2006-002",
    text: "2021-366",
    want: 'parsing time "2021-366": day-of-year out of range',
  },
  { layout: "2006-002", text: "2024-366", want: "2024-12-31T00:00:00Z 0" },
  {
    layout: "2006-01-002",
    text: "2021-02-001",
    want: 'parsing time "2021-02-001": day-of-year does not match month',
  },
  {
    layout: "2006-002 02",
    text: "2021-060 02",
    want: 'parsing time "2021-060 02": day-of-year does not match day',
  },
  { layout: "2006-__2", text: "2021-  5", want: "2021-01-05T00:00:00Z 0" },
  { layout: "_2006", text: "_2021", want: "2021-01-01T00:00:00Z 0" },
  { layout: "_2 Jan 06", text: " 5 feb 21", want: "2021-02-05T00:00:00Z 0" },
  {
    layout: "Monday",
    text: "Moonday",
    want: 'parsing time "Moonday" as "Monday": cannot parse "Moonday" as "Monday"',
  },
  { layout: "Month", text: "Month", want: "0000-01-01T00:00:00Z 0" },
  { layout: "Janx", text: "Janx", want: "0000-01-01T00:00:00Z 0" },
  { layout: "3:04PM", text: "12:30AM", want: "0000-01-01T00:30:00Z 0" },
  { layout: "3:04PM", text: "12:30PM", want: "0000-01-01T12:30:00Z 0" },
  { layout: "3:04pm", text: "1:30pm", want: "0000-01-01T13:30:00Z 0" },
  {
    layout: "3:04pm",
    text: "1:30PM",
    want: 'parsing time "1:30PM" as "3:04pm": cannot parse "PM" as "pm"',
  },
  { layout: "PMPM 3", text: "AMPM 12", want: "0000-01-01T00:00:00Z 0" },
  { layout: "15:04", text: "3:04PM", want: 'parsing time "3:04PM": extra text: "PM"' },
  { layout: "1504", text: "2399", want: 'parsing time "2399": minute out of range' },
  { layout: "x", text: "12", want: 'parsing time "12" as "x": cannot parse "12" as "x"' },
  { layout: "", text: "", want: "0000-01-01T00:00:00Z 0" },
  { layout: "", text: "x", want: 'parsing time "x": extra text: "x"' },
  { layout: "a  b", text: "a b", want: "0000-01-01T00:00:00Z 0" },
  { layout: "a ", text: "a", want: "0000-01-01T00:00:00Z 0" },
  { layout: "5", text: "7.25", want: "0000-01-01T00:00:07Z 250000000" },
  {
    layout: "5.000",
    text: "7.25",
    want: 'parsing time "7.25" as "5.000": cannot parse ".25" as ".000"',
  },
  { layout: "5.000", text: "7.-25", want: 'parsing time "7.-25": fractional second out of range' },
  { layout: "5.999", text: "7", want: "0000-01-01T00:00:07Z 0" },
  { layout: "5,9", text: "7.123456789012", want: "0000-01-01T00:00:07Z 123456789" },
  { layout: ".00", text: ".1", want: 'parsing time ".1" as ".00": cannot parse ".1" as ".00"' },
  { layout: ".05", text: ".30", want: "0000-01-01T00:00:30Z 0" },
  { layout: "-07", text: "-08", want: "0000-01-01T00:00:00-08:00 0" },
  { layout: "-0700", text: "-0830", want: "0000-01-01T00:00:00-08:30 0" },
  { layout: "-070000", text: "+010203", want: "0000-01-01T00:00:00+01:02 0" },
  { layout: "Z07:00:00", text: "+01:02:03", want: "0000-01-01T00:00:00+01:02 0" },
  { layout: "Z07", text: "Z", want: "0000-01-01T00:00:00Z 0" },
  {
    layout: "-07:00",
    text: "Z",
    want: 'parsing time "Z" as "-07:00": cannot parse "Z" as "-07:00"',
  },
  { layout: "-07:00", text: "-00:00", want: "0000-01-01T00:00:00Z 0" },
  { layout: "-070000", text: "-000001", want: "0000-01-01T00:00:00Z 0" },
  { layout: "02", text: "32", want: 'parsing time "32": day out of range' },
  {
    layout: "01/02",
    text: "2/3",
    want: 'parsing time "2/3" as "01/02": cannot parse "2/3" as "01"',
  },
  { layout: "1/2", text: "12/31", want: "0000-12-31T00:00:00Z 0" },
];

for (const { layout, text, want } of cases) {
  test(`${text} as ${layout} is ${want}`, () => {
    assert.equal(parse(layout, text), want);
  });
}

test("bytes that are no UTF-8 are quoted one by one", () => {
  assert.equal(
    parse("2006", "20\udcff\u00e9"),
    String.raw`parsing time "20\xff\xc3\xa9" as "2006": cannot parse "20\xff\xc3\xa9" as "2006"`,
  );
});

test("long texts are read in linear time", () => {
  assert.equal(parse("5 ".repeat(100_000), "1 ".repeat(100_000)), "0000-01-01T00:00:01Z 0");
  assert.match(parse(`.${"0".repeat(100_000)}1`, "x"), /^parsing time "x"/);
});
