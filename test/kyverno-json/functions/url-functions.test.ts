import assert from "node:assert/strict";
import { test } from "node:test";
import { urlFunctions } from "../../../src/kyverno-json/functions/url-functions.ts";
import { callFunction, createBudget } from "./call-function.ts";

const error = "error";

const cases = [
  { name: "url_decode", text: "", want: "" },
  { name: "url_decode", text: "a%20b%2Bc+d", want: "a b+c+d" },
  { name: "url_decode", text: "caf%C3%A9 é", want: "café é" },
  { name: "url_decode", text: "%2561", want: "%61" },
  { name: "url_decode", text: "a%00b", want: "a\0b" },
  { name: "url_decode", text: "%", want: error },
  { name: "url_decode", text: "%4", want: error },
  { name: "url_decode", text: "%zz", want: error },
  { name: "url_decode", text: "%u002e", want: error },
  { name: "url_decode", text: "%ff", want: error },
  { name: "url_decode", text: "%c0%ae", want: error },
  { name: "path_normalize", text: "/", want: "/" },
  { name: "path_normalize", text: "/products/%61dmin/", want: "/products/admin" },
  { name: "path_normalize", text: "/static/%2e%2e/products/admin?x=/..", want: "/products/admin" },
  { name: "path_normalize", text: "/static\\..\\products//admin", want: "/products/admin" },
  { name: "path_normalize", text: "/a%2Fb/.", want: "/a/b" },
  { name: "path_normalize", text: "/a%3Fb", want: "/a%3Fb" },
  { name: "path_normalize", text: "/..", want: "/" },
  { name: "path_normalize", text: "*", want: "*" },
  { name: "path_normalize", text: "", want: error },
  { name: "path_normalize", text: "admin", want: error },
  { name: "path_normalize", text: "http://shop.example/", want: error },
  { name: "path_normalize", text: "/admin#/../static", want: error },
  { name: "path_normalize", text: "/x?y#z", want: error },
  { name: "path_normalize", text: "/%2561", want: error },
  { name: "path_normalize", text: "/x/..;/admin", want: error },
];

/** The whole message: what a client sent is no business of it. */
const faults: Readonly<Record<string, string>> = {
  url_decode: "JMESPath function 'url_decode': an escape is malformed, or not UTF-8",
  path_normalize: "JMESPath function 'path_normalize': the path has no normal form",
};

for (const { name, text, want } of cases) {
  test(`${name}(${JSON.stringify(text)})`, () => {
    const failed = { code: "EVALUATION_VALUE", message: faults[name] };
    assert.deepEqual(callFunction(urlFunctions, name, [text]), want === error ? failed : want);
  });
}

for (const name of ["url_decode", "path_normalize"]) {
  test(`${name} takes steps for what it reads`, () => {
    const budget = createBudget();
    callFunction(urlFunctions, name, [`/${"%61".repeat(64_000)}`], budget);
    assert.ok(budget.limits.maxSteps - budget.stepsLeft >= 24_000);
    const spent = callFunction(urlFunctions, name, ["/a".repeat(64_000)], {
      ...createBudget(),
      stepsLeft: 100,
    });
    assert.ok(typeof spent === "object" && spent !== null && "code" in spent);
    assert.equal(spent.code, "EVALUATION_STEP_LIMIT");
  });
}
