import assert from "node:assert/strict";
import { test } from "node:test";
import { toGoLower, toGoUpper } from "../../src/go-values/letter-case.ts";

test("case is mapped code point by code point, by Unicode 15.0", () => {
  const cases = [
    { text: "aZ1", upper: "AZ1", lower: "az1" },
    { text: "ßŉﬁ", upper: "ßŉﬁ", lower: "ßŉﬁ" },
    { text: "ΑΣ", upper: "ΑΣ", lower: "ασ" },
    { text: "İı", upper: "İI", lower: "iı" },
    { text: "ǅ", upper: "Ǆ", lower: "ǆ" },
    { text: "ᾀᾳῳ", upper: "ᾈᾼῼ", lower: "ᾀᾳῳ" },
    { text: "𐐨", upper: "𐐀", lower: "𐐨" },
    { text: "ɤ\u{1c8a}\u{10d70}", upper: "ɤ\u{1c8a}\u{10d70}", lower: "ɤ\u{1c8a}\u{10d70}" },
    { text: "a\udcff", upper: "A\ufffd", lower: "a\ufffd" },
  ];
  for (const { text, upper, lower } of cases) {
    assert.equal(toGoUpper(text), upper, text);
    assert.equal(toGoLower(text), lower, text);
  }
});
