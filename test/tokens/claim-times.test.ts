import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeClaimTimes } from "../../src/tokens/claim-times.ts";

const now = 2_000_000_000;
const expired = "Token is expired";
const early = "Token used before issued";
const notYet = "Token is not valid yet";

const cases = [
  { name: "no times", input: "{}", want: undefined },
  { name: "exp now", input: `{"exp":${now}}`, want: undefined },
  { name: "exp a second ago", input: `{"exp":${now - 1}}`, want: expired },
  { name: "exp in the second that has begun", input: `{"exp":${now - 1}.9}`, want: expired },
  { name: "exp 0 counts as none", input: '{"exp":0}', want: undefined },
  { name: "exp that truncates to 0", input: '{"exp":-0.9}', want: undefined },
  { name: "exp negative", input: '{"exp":-1}', want: expired },
  { name: "exp null", input: '{"exp":null}', want: expired },
  { name: "exp as text", input: '{"exp":"4102444800"}', want: expired },
  { name: "exp in an array", input: '{"exp":[4102444800]}', want: expired },
  { name: "exp as large as int64 goes", input: '{"exp":9223372036854774784}', want: undefined },
  { name: "exp beyond int64", input: '{"exp":9223372036854775808}', want: expired },
  { name: "exp far below int64", input: '{"exp":-1e300}', want: expired },
  { name: "exp in another case", input: '{"EXP":1}', want: undefined },
  { name: "iat now", input: `{"iat":${now}}`, want: undefined },
  { name: "iat a second ahead", input: `{"iat":${now + 1}}`, want: early },
  { name: "iat within the second", input: `{"iat":${now}.5}`, want: undefined },
  { name: "iat false", input: '{"iat":false}', want: early },
  { name: "iat 0", input: '{"iat":0}', want: undefined },
  { name: "nbf now", input: `{"nbf":${now}}`, want: undefined },
  { name: "nbf a second ahead", input: `{"nbf":${now + 1}}`, want: notYet },
  { name: "nbf an object", input: '{"nbf":{}}', want: notYet },
  { name: "nbf beyond int64", input: '{"nbf":1e300}', want: notYet },
  { name: "nbf negative", input: '{"nbf":-1}', want: undefined },
  { name: "exp and iat", input: `{"exp":1,"iat":${now + 9}}`, want: early },
  { name: "all three", input: `{"exp":1,"iat":${now + 9},"nbf":${now + 9}}`, want: notYet },
  { name: "exp in the prototype's name", input: '{"__proto__":{"exp":1}}', want: undefined },
];

test("times are judged by golang-jwt's rules", async (t) => {
  for (const { name, input, want } of cases) {
    await t.test(name, () => {
      assert.equal(judgeClaimTimes(JSON.parse(input), now, false), want);
    });
  }
});

test("a strict judge takes a token as over at its second", () => {
  const judge = (input: string): string | undefined =>
    judgeClaimTimes(JSON.parse(input), now, true);
  assert.equal(judge(`{"exp":${now}}`), expired);
  assert.equal(judge(`{"exp":${now}.9}`), expired);
  assert.equal(judge(`{"exp":${now + 1}}`), undefined);
  assert.equal(judge(`{"exp":${now + 1}.5,"iat":${now},"nbf":${now}}`), undefined);
  assert.equal(judge('{"exp":0}'), undefined);
});
