import assert from "node:assert/strict";
import { test } from "node:test";
import { shortestSingle } from "../../src/model/single-precision.ts";

/** What Go's `strconv.FormatFloat(x, 'e', -1, 32)` gives, exponents written as here. */
const rows: readonly { readonly size: number; readonly want: string }[] = [
  { size: 0, want: "0e+0" },
  { size: 1, want: "1e+0" },
  { size: Math.fround(0.1), want: "1e-1" },
  { size: 16_777_216, want: "1.6777216e+7" },
  { size: Math.fround(3.4028235e38), want: "3.4028235e+38" },
  { size: 2 ** -149, want: "1e-45" },
  // As near to the odd text as to the even one.
  { size: 3_817_203.25, want: "3.8172032e+6" },
  { size: 310_844.125, want: "3.1084412e+5" },
  { size: 149_665.3125, want: "1.4966531e+5" },
  { size: 10_889_747_456, want: "1.0889747e+10" },
  { size: 3_817_203.75, want: "3.8172038e+6" },
  // Powers of two: the next number below is nearer than the one above.
  { size: 2 ** -12, want: "2.4414063e-4" },
  { size: 2 ** -96, want: "1.2621775e-29" },
  { size: 2 ** 87, want: "1.5474251e+26" },
  { size: 2 ** 90, want: "1.2379401e+27" },
];

for (const { size, want } of rows) {
  test(`${size} is ${want}`, () => {
    assert.equal(shortestSingle(size), want);
  });
}

test("every text reads back as the number it was made of", () => {
  const bits = new Uint32Array(1);
  const numbers = new Float32Array(bits.buffer);
  for (let pattern = 1; pattern < 0x7f80_0000; pattern += 104_729) {
    bits[0] = pattern;
    const [size = 0] = numbers;
    const text = shortestSingle(size);
    assert.equal(Math.fround(Number(text)), size);
    assert.match(text, /^[0-9](?:\.[0-9]{1,8})?e[-+][0-9]{1,2}$/);
  }
});
