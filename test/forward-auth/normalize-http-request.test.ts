import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { HttpFormOptions } from "../../src/forward-auth/http-form.ts";
import type { HttpRequestHead } from "../../src/forward-auth/http-request-head.ts";
import { normalizeHttpRequest } from "../../src/forward-auth/normalize-http-request.ts";
import type { JsonValue } from "../../src/model/json.ts";
import { headerLinesPath } from "../../src/model/payload-reads.ts";
import { defaultNormalizeOptions } from "../../src/payload/normalize-options.ts";
import { RequestError } from "../../src/payload/request-error.ts";
import { valueAt } from "../support/json-path.ts";

const plainHead: HttpRequestHead = {
  method: "GET",
  target: "/book?x=1",
  rawHeaders: ["Host", "shop.example.com"],
  httpVersion: "1.1",
  remoteAddress: "::ffff:10.0.0.9",
  remotePort: 4321,
  receivedMs: 1_719_385_712_500,
};

const direct: HttpFormOptions = { form: "direct", pathPrefix: "", clientAddress: "none" };
const forwarded: HttpFormOptions = { ...direct, form: "forwarded" };
const original: HttpFormOptions = { ...direct, form: "original" };
const ingress: HttpFormOptions = { ...direct, form: "ingress-nginx" };

function judge(
  head: Partial<HttpRequestHead>,
  form: HttpFormOptions,
  body?: Uint8Array,
): { readonly code?: string; readonly payload?: JsonValue } {
  const input = normalizeHttpRequest(
    { ...plainHead, ...head },
    body,
    form,
    defaultNormalizeOptions,
  );
  return input instanceof RequestError ? { code: input.code } : { payload: input.payload };
}

suite("direct: the port of the scheme that Envoy forwarded is cut off the host", () => {
  const hosts: readonly (readonly [host: string, protos: readonly string[], want: string])[] = [
    ["SHOP.example:80", ["http"], "shop.example"],
    ["shop.example.:443", ["HTTPS"], "shop.example"],
    ["shop.example:443", ["http"], "shop.example:443"],
    ["shop.example:80", [], "shop.example:80"],
    ["shop.example:80", ["http", "http"], "shop.example:80"],
    ["shop.example:80", ["http, https"], "shop.example:80"],
  ];
  for (const [host, protos, want] of hosts) {
    test(`${host} under ${JSON.stringify(protos)}`, () => {
      const forwardedProto = protos.flatMap((proto) => ["X-Forwarded-Proto", proto]);
      const { payload = null } = judge({ rawHeaders: ["Host", host, ...forwardedProto] }, direct);
      assert.equal(valueAt(payload, ["request", "http", "host"]), want);
      assert.equal(valueAt(payload, ["request", "http", "headers", ":authority"]), host);
      assert.equal(valueAt(payload, ["request", "http", "scheme"]), undefined);
    });
  }
});

test("direct: the payload is shaped as Envoy's", () => {
  const rawHeaders = [
    "Host",
    "shop.example.com",
    "Authorization",
    "Bearer x",
    "X-A",
    "1",
    "x-a",
    "2",
    "Connection",
    "keep-alive",
    "__proto__",
    "p",
    "x-raw",
    Buffer.from("é\xff").toString("latin1"),
    "x-broken",
    "a\xe9",
  ];
  const form: HttpFormOptions = { ...direct, clientAddress: "peer" };
  assert.deepEqual(judge({ rawHeaders, method: "POST" }, form, Buffer.from('{"é":1}')), {
    payload: {
      request: {
        time: "2024-06-26T07:08:32.500Z",
        http: {
          method: "POST",
          path: "/book?x=1",
          host: "shop.example.com",
          protocol: "HTTP/1.1",
          size: "8",
          body: '{"é":1}',
          headers: Object.fromEntries([
            [":authority", "shop.example.com"],
            [":method", "POST"],
            [":path", "/book?x=1"],
            ["authorization", "Bearer x"],
            ["x-a", "1,2"],
            ["__proto__", "p"],
            ["x-raw", "éÿ"],
            ["x-broken", "a!"],
          ]),
        },
      },
      source: { address: { socketAddress: { address: "10.0.0.9", portValue: 4321 } } },
    },
  });
});

test("direct: a body that is not text is shown as bytes", () => {
  const { payload } = judge({}, direct, Buffer.from([0xff, 0x00]));
  assert.deepEqual(valueAt(payload, ["request", "http"]), {
    method: "GET",
    path: "/book?x=1",
    host: "shop.example.com",
    protocol: "HTTP/1.1",
    size: "2",
    rawBody: "/wA=",
    headers: { ":authority": "shop.example.com", ":method": "GET", ":path": "/book?x=1" },
  });
});

test("forwarded: what the proxy says is judged, not the request to this server", () => {
  const rawHeaders = [
    "Host",
    "ostiary:9001",
    "X-Forwarded-Method",
    "DELETE",
    "X-Forwarded-Uri",
    "//admin/x?y=%2F",
    "X-Forwarded-Host",
    "shop.example.com:8443",
    "X-Forwarded-Proto",
    "HTTPS",
    "X-Forwarded-For",
    "6.6.6.6, 203.0.113.7",
  ];
  const form: HttpFormOptions = { ...forwarded, clientAddress: "forwarded-for" };
  assert.deepEqual(judge({ rawHeaders, target: "/auth" }, form), {
    payload: {
      request: {
        time: "2024-06-26T07:08:32.500Z",
        http: {
          method: "DELETE",
          path: "//admin/x?y=%2F",
          host: "shop.example.com:8443",
          scheme: "https",
          headers: {
            ":authority": "shop.example.com:8443",
            ":method": "DELETE",
            ":path": "//admin/x?y=%2F",
            ":scheme": "https",
            "x-forwarded-method": "DELETE",
            "x-forwarded-uri": "//admin/x?y=%2F",
            "x-forwarded-host": "shop.example.com:8443",
            "x-forwarded-proto": "HTTPS",
            "x-forwarded-for": "6.6.6.6, 203.0.113.7",
          },
        },
      },
      source: { address: { socketAddress: { address: "203.0.113.7" } } },
    },
  });
});

suite("forms", () => {
  const base = ["Host", "h"];
  const full = [
    ...base,
    "X-Forwarded-Method",
    "GET",
    "X-Forwarded-Uri",
    "/a",
    "X-Forwarded-Host",
    "b",
  ];
  const nginx = [...base, "X-Original-Method", "PUT", "X-Original-URI", "/o?q"];
  const ingressLines = ["X-Original-Method", "POST", "X-Original-URL", "http://shop/secret"];
  const bad = { code: "REQUEST_MALFORMED" };
  const cases: readonly {
    name: string;
    head: Partial<HttpRequestHead>;
    form: HttpFormOptions;
    want: unknown;
  }[] = [
    { name: "forwarded", head: { rawHeaders: full }, form: forwarded, want: ["GET", "/a", "b"] },
    { name: "original", head: { rawHeaders: nginx }, form: original, want: ["PUT", "/o?q", "h"] },
    ...[
      "X-Forwarded-Method",
      "X-Forwarded-Uri",
      "X-Original-Method",
      "X-Original-URI",
      "X-Original-URL",
    ].flatMap((name) =>
      ["", "GET", "/book?x=1"].map((value) => ({
        name: `direct refuses ${name}: ${value}`,
        head: { rawHeaders: [...base, name, value] },
        form: direct,
        want: bad,
      })),
    ),
    {
      name: "direct takes X-Forwarded-Host, which proxies set on every request",
      head: { rawHeaders: [...base, "X-Forwarded-Host", "i"] },
      form: direct,
      want: ["GET", "/book?x=1", "h"],
    },
    ...["http://h/o?q", "https://h/o?q", "/o?q"].map((url) => ({
      name: `original with X-Original-URL ${url}, which agrees`,
      head: { rawHeaders: [...nginx, "X-Original-URL", url] },
      form: original,
      want: ["PUT", "/o?q", "h"],
    })),
    ...["http://h/p", "http://i/o?q", "http://h/o", "http://h", "//h/o?q", "o?q", "", "/O?q"].map(
      (url) => ({
        name: `original with X-Original-URL ${url}, which does not agree`,
        head: { rawHeaders: [...nginx, "X-Original-URL", url] },
        form: original,
        want: bad,
      }),
    ),
    {
      name: "original with a second X-Original-URL, which does not agree",
      head: { rawHeaders: [...nginx, "X-Original-URL", "/o?q", "x-original-url", "/p"] },
      form: original,
      want: bad,
    },
    ...[
      ["X-Forwarded-Uri", "/p"],
      ["X-Forwarded-Method", "GET"],
    ].map((line) => ({
      name: `original with ${line.join(": ")}, which does not agree`,
      head: { rawHeaders: [...nginx, ...line] },
      form: original,
      want: bad,
    })),
    {
      name: "original with X-Forwarded-Uri and -Method that agree",
      head: {
        rawHeaders: [...nginx, "X-Forwarded-Uri", "/o?q", "X-Forwarded-Method", "PUT"],
      },
      form: original,
      want: ["PUT", "/o?q", "h"],
    },
    ...[
      ["X-Original-URI", "/p"],
      ["X-Original-Method", "PUT"],
      ["X-Original-URL", "http://b/p"],
    ].map((line) => ({
      name: `forwarded with ${line.join(": ")}, which does not agree`,
      head: { rawHeaders: [...full, ...line] },
      form: forwarded,
      want: bad,
    })),
    ...[
      { url: "https://shop.example/a?b", want: ["POST", "/a?b", "shop.example"] },
      { url: "HTTP://shop.example:8080/", want: ["POST", "/", "shop.example:8080"] },
      { url: "http://[::1]:80/a", want: ["POST", "/a", "[::1]"] },
    ].map(({ url, want }) => ({
      name: `ingress-nginx: ${url}`,
      head: { rawHeaders: [...base, "X-Original-Method", "POST", "X-Original-URL", url] },
      form: ingress,
      want,
    })),
    ...[
      "/a",
      "",
      "http://h",
      "http:///a",
      "ftp://h/a",
      "http://user@h/a",
      "http://user:pass@h/a",
      "http://h?/a",
      "http://h#/a",
      "http://h\\i/a",
      "http://h,i/a",
      "http://h:/a",
      "http://h:x/a",
      "http://hhttp://i/a",
      "http://h*",
      " http://h/a b",
    ].map((url) => ({
      name: `ingress-nginx refuses ${JSON.stringify(url)}`,
      head: { rawHeaders: [...base, "X-Original-Method", "GET", "X-Original-URL", url] },
      form: ingress,
      want: bad,
    })),
    {
      name: "ingress-nginx with a client's own X-Original-URI",
      head: {
        rawHeaders: [...base, ...ingressLines, "X-Original-URI", "/public/x"],
      },
      form: ingress,
      want: bad,
    },
    {
      name: "ingress-nginx's headers at form original, with a client's own X-Original-URI",
      head: {
        rawHeaders: ["Host", "shop", ...ingressLines, "X-Original-URI", "/public/x"],
      },
      form: original,
      want: bad,
    },
    ...[
      "user@h",
      "user:pass@h",
      "h:",
      "h:x",
      "h:1:2",
      "[::1",
      "h/i",
      "h?i",
      "h#i",
      "h\\i",
      "",
    ].flatMap((host) =>
      [
        { form: direct, rawHeaders: ["Host", host] },
        { form: original, rawHeaders: ["Host", host, ...without(nginx, "Host")] },
        {
          form: forwarded,
          rawHeaders: [...without(full, "X-Forwarded-Host"), "X-Forwarded-Host", host],
        },
      ].map(({ form, rawHeaders }) => ({
        name: `${form.form} refuses the host ${JSON.stringify(host)}`,
        head: { rawHeaders },
        form,
        want: bad,
      })),
    ),
    {
      name: "direct with a prefix",
      head: { target: "/authz/book" },
      form: { ...direct, pathPrefix: "/authz" },
      want: ["GET", "/book", "shop.example.com"],
    },
    {
      name: "direct with a prefix that ends in a slash",
      head: { target: "/authz/book" },
      form: { ...direct, pathPrefix: "/authz/" },
      want: ["GET", "/book", "shop.example.com"],
    },
    {
      name: "OPTIONS *",
      head: { target: "*", method: "OPTIONS" },
      form: direct,
      want: ["OPTIONS", "*", "shop.example.com"],
    },
    { name: "GET *", head: { target: "*" }, form: direct, want: bad },
    {
      name: "prefix missing",
      head: { target: "/book" },
      form: { ...direct, pathPrefix: "/authz" },
      want: bad,
    },
    {
      name: "prefix of a longer name",
      head: { target: "/authzbook" },
      form: { ...direct, pathPrefix: "/authz" },
      want: bad,
    },
    { name: "absolute target", head: { target: "http://h/a" }, form: direct, want: bad },
    { name: "no host", head: { rawHeaders: [] }, form: direct, want: bad },
    { name: "two hosts", head: { rawHeaders: [...base, "host", "i"] }, form: direct, want: bad },
    ...["X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host"].flatMap((name) => [
      {
        name: `${name} missing`,
        head: { rawHeaders: without(full, name) },
        form: forwarded,
        want: bad,
      },
      {
        name: `${name} twice`,
        head: { rawHeaders: [...full, name.toLowerCase(), "/x"] },
        form: forwarded,
        want: bad,
      },
      {
        name: `${name} empty`,
        head: { rawHeaders: [...without(full, name), name, ""] },
        form: forwarded,
        want: bad,
      },
    ]),
    {
      name: "X-Forwarded-Proto twice",
      head: { rawHeaders: [...full, "X-Forwarded-Proto", "http", "X-Forwarded-Proto", "https"] },
      form: forwarded,
      want: bad,
    },
    {
      name: "a list of methods",
      head: {
        rawHeaders: [...without(full, "X-Forwarded-Method"), "X-Forwarded-Method", "GET, PUT"],
      },
      form: forwarded,
      want: bad,
    },
    {
      name: "a list of hosts",
      head: { rawHeaders: [...without(full, "X-Forwarded-Host"), "X-Forwarded-Host", "a,b"] },
      form: forwarded,
      want: bad,
    },
    {
      name: "a URI that is no path",
      head: { rawHeaders: [...without(full, "X-Forwarded-Uri"), "X-Forwarded-Uri", "http://h/a"] },
      form: forwarded,
      want: bad,
    },
    {
      name: "a URI with a space",
      head: { rawHeaders: [...without(full, "X-Forwarded-Uri"), "X-Forwarded-Uri", "/a b"] },
      form: forwarded,
      want: bad,
    },
    {
      name: "X-Original-Method missing",
      head: { rawHeaders: without(nginx, "X-Original-Method") },
      form: original,
      want: bad,
    },
    {
      name: "X-Original-URI twice",
      head: { rawHeaders: [...nginx, "x-original-uri", "/p"] },
      form: original,
      want: bad,
    },
    {
      name: "another form's headers",
      head: { rawHeaders: full },
      form: original,
      want: bad,
    },
  ];
  for (const { name: title, head, form, want } of cases) {
    test(title, () => {
      const { code, payload } = judge(head, form);
      const line = ["method", "path", "host"].map((name) =>
        valueAt(payload, ["request", "http", name]),
      );
      assert.deepEqual(code === undefined ? line : { code }, want);
    });
  }
});

suite("the last entry of X-Forwarded-For is an address, or nothing", () => {
  const cases: readonly { values: readonly string[]; want: JsonValue | undefined }[] = [
    { values: ["10.0.0.7"], want: { address: "10.0.0.7" } },
    { values: ["10.0.0.7:51234"], want: { address: "10.0.0.7", portValue: 51_234 } },
    { values: ["6.6.6.6, 10.0.0.7:65535"], want: { address: "10.0.0.7", portValue: 65_535 } },
    { values: ["6.6.6.6", " 10.0.0.7 "], want: { address: "10.0.0.7" } },
    { values: ["[2001:db8::1]:443"], want: { address: "2001:db8::1", portValue: 443 } },
    { values: ["[2001:DB8:0::1]"], want: { address: "2001:db8::1" } },
    { values: ["2001:DB8:0:0:0:0:0:1"], want: { address: "2001:db8::1" } },
    { values: ["::1"], want: { address: "::1" } },
    { values: ["::ffff:10.0.0.7"], want: { address: "10.0.0.7" } },
    { values: ["::FFFF:a00:7"], want: { address: "10.0.0.7" } },
    { values: ["[::ffff:10.0.0.7]:80"], want: { address: "10.0.0.7", portValue: 80 } },
    ...[
      "",
      "unknown",
      "dead",
      "1.2.3.4, <x>",
      "1.2.3.4,",
      "10.0.0",
      "010.0.0.7",
      "0x0a.0.0.7",
      "10.0.0.7.",
      "10.0.0.256",
      "10.0.0.7:",
      "10.0.0.7:65536",
      "10.0.0.7:99999999",
      "10.0.0.7:x",
      "10.0.0.7:1:2",
      "[10.0.0.7]",
      "[10.0.0.7]:80",
      "[::1",
      "::1]",
      "[::1]80",
      "[::1]:",
      "[]",
      "::1:443x",
      "fe80::1%eth0",
      "[fe80::1%25eth0]:80",
      '"[::1]:80"',
      "10.0.0.7 10.0.0.8",
      "_hidden",
      ":80",
    ].map((value) => ({ values: [value], want: undefined })),
  ];
  for (const { values, want } of cases) {
    test(JSON.stringify(values), () => {
      const lines = values.flatMap((value) => ["X-Forwarded-For", value]);
      const { payload } = judge(
        { rawHeaders: [...plainHead.rawHeaders, ...lines] },
        { ...direct, clientAddress: "forwarded-for" },
      );
      assert.deepEqual(valueAt(payload, ["source", "address", "socketAddress"]), want);
      assert.equal(valueAt(payload, ["source"]) === undefined, want === undefined);
    });
  }
});

suite("headers about the connection", () => {
  const asked: Readonly<Record<HttpFormOptions["form"], readonly string[]>> = {
    direct: ["Host", "h"],
    forwarded: "Host o X-Forwarded-Method GET X-Forwarded-Uri /chat X-Forwarded-Host h".split(" "),
    original: "Host h X-Original-Method GET X-Original-URI /chat".split(" "),
    "ingress-nginx": "Host o X-Original-Method GET X-Original-URL http://h/chat".split(" "),
  };
  const names = ["connection", "upgrade", "te", "http2-settings", "x-a", "expect", "cookie"];
  const shown = (form: HttpFormOptions["form"], ...lines: readonly string[]): unknown => {
    const { code, payload } = judge(
      { rawHeaders: [...asked[form], ...lines] },
      { ...direct, form },
    );
    const headers = valueAt(payload, ["request", "http", "headers"]);
    const entries = names.flatMap((name) => {
      const value = valueAt(headers, [name]);
      return value === undefined ? [] : [[name, value]];
    });
    return code ?? Object.fromEntries(entries);
  };

  for (const form of ["direct", "forwarded", "original", "ingress-nginx"] as const) {
    test(`${form}: a WebSocket shows`, () => {
      const lines = ["Connection", "Upgrade", "Upgrade", "websocket"];
      assert.deepEqual(shown(form, ...lines), { connection: "Upgrade", upgrade: "websocket" });
    });

    test(`${form}: cookie lines are one, expectations and codings are as Envoy shows them`, () => {
      const cookies = ["Cookie", "a=1", "cookie", "b=2,c"];
      assert.deepEqual(shown(form, ...cookies), { cookie: "a=1; b=2,c" });
      assert.deepEqual(shown(form, "TE", "gzip, Trailers"), { te: "trailers" });
      assert.deepEqual(shown(form, "Expect", "100-Continue", "X-A", "1", "X-A", "2"), {
        "x-a": "1,2",
      });
      assert.deepEqual(shown(form, "Connection", "keep-alive", "Keep-Alive", "9"), {});
    });
  }

  for (const form of ["forwarded", "original", "ingress-nginx"] as const) {
    test(`${form}: the connection is the proxy's own, what the client wants of its shows`, () => {
      const lines = ["Connection", "close", "Upgrade", "websocket"];
      assert.deepEqual(shown(form, ...lines), { upgrade: "websocket" });
      const settings = ["Connection", "HTTP2-Settings", "Upgrade", "h2c", "HTTP2-Settings", "x"];
      assert.deepEqual(shown(form, ...settings), { upgrade: "h2c", "http2-settings": "x" });
      assert.deepEqual(shown(form, "Connection", "X-A", "X-A", "1"), { "x-a": "1" });
    });
  }

  test("direct: a request with a header for the next hop only is refused", () => {
    assert.equal(shown("direct", "Connection", "X-A", "X-A", "1"), "REQUEST_MALFORMED");
    const cookie = ["Connection", "close", "connection", "keep-alive , COOKIE", "Cookie", "a=1"];
    assert.equal(shown("direct", ...cookie), "REQUEST_MALFORMED");
    assert.deepEqual(shown("direct", "Connection", "X-B", "X-A", "1"), { "x-a": "1" });
  });
});

test("size gates", () => {
  const many = Array.from({ length: 1_001 }, (_, index) => [`x-${index}`, ""]).flat();
  assert.deepEqual(judge({ rawHeaders: many }, direct), { code: "REQUEST_TOO_MANY_HEADERS" });
  assert.deepEqual(judge({}, direct, Buffer.alloc(1_048_577)), { code: "REQUEST_TOO_LARGE" });
});

test("only what is read is handed over, and what is bad stays bad", () => {
  const reads = [
    ["request", "http", "method"],
    ["request", "http", "headers", "__proto__"],
    ["source", "address", "socketAddress"],
    ["contextExtensions"],
  ];
  const form: HttpFormOptions = { ...direct, clientAddress: "peer" };
  const head = { ...plainHead, rawHeaders: ["Host", "h", "X-A", "1", "__proto__", "p"] };
  const input = normalizeHttpRequest(
    head,
    Buffer.from("body"),
    form,
    defaultNormalizeOptions,
    reads,
  );
  assert.deepEqual(input, {
    payload: {
      request: { http: { method: "GET", headers: JSON.parse('{"__proto__":"p"}') } },
      source: { address: { socketAddress: { address: "10.0.0.9", portValue: 4321 } } },
    },
    sizeBytes: 35,
    http: {},
  });
  const lines = normalizeHttpRequest(head, undefined, form, defaultNormalizeOptions, [
    headerLinesPath,
  ]);
  assert.ok("http" in lines);
  // Not joined, and each an own member whatever its name.
  assert.equal(JSON.stringify(lines.http), '{"headerLines":{"x-a":["1"],"__proto__":["p"]}}');
  const many = { ...head, rawHeaders: Array.from({ length: 2_002 }, () => "x") };
  assert.deepEqual(
    normalizeHttpRequest(many, undefined, form, defaultNormalizeOptions, []),
    new RequestError("REQUEST_TOO_MANY_HEADERS"),
  );
});

function without(lines: readonly string[], name: string): string[] {
  const index = lines.indexOf(name);
  return [...lines.slice(0, index), ...lines.slice(index + 2)];
}
