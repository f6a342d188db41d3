import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { normalizeHost } from "../../src/payload/host-name.ts";

interface HostCase {
  readonly host: string;
  readonly scheme?: string;
  readonly want: string | undefined;
}

const cases: readonly HostCase[] = [
  { host: "admin.example", want: "admin.example" },
  { host: "ADMIN.Example", want: "admin.example" },
  { host: "admin.example.", want: "admin.example" },
  { host: "Admin.Example.:443", scheme: "https", want: "admin.example" },
  { host: "admin.example:80", scheme: "http", want: "admin.example" },
  { host: "admin.example:80", scheme: "https", want: "admin.example:80" },
  { host: "admin.example:443", scheme: "https", want: "admin.example" },
  { host: "admin.example:443", scheme: "HTTPS", want: "admin.example" },
  { host: "admin.example:443", scheme: "http", want: "admin.example:443" },
  { host: "admin.example:443", scheme: "wss", want: "admin.example" },
  { host: "admin.example:80", scheme: "ws", want: "admin.example" },
  { host: "admin.example:80", want: "admin.example:80" },
  { host: "admin.example:443", want: "admin.example:443" },
  { host: "admin.example:443", scheme: "other", want: "admin.example:443" },
  { host: "admin.example:080", scheme: "http", want: "admin.example" },
  { host: "admin.example:0080", want: "admin.example:80" },
  { host: "admin.example:", want: "admin.example" },
  { host: "admin.example:", scheme: "https", want: "admin.example" },
  { host: "admin.example:0", want: "admin.example:0" },
  { host: "admin.example:65535", want: "admin.example:65535" },
  { host: "my_host-1:8080", want: "my_host-1:8080" },
  { host: "10.0.0.7:8080", want: "10.0.0.7:8080" },
  { host: "[::1]", want: "[::1]" },
  { host: "[::1]:80", scheme: "http", want: "[::1]" },
  { host: "[2001:DB8:0::01]:8443", scheme: "https", want: "[2001:db8::1]:8443" },
  { host: "[0:0:0:0:0:0:0:1]", want: "[::1]" },
  { host: "[::ffff:a00:7]", want: "[::ffff:10.0.0.7]" },
  { host: "", want: undefined },
  { host: ".", want: undefined },
  { host: "..", want: undefined },
  { host: ".example", want: undefined },
  { host: "admin..example", want: undefined },
  { host: "admin.example..", want: undefined },
  { host: ":80", want: undefined },
  { host: "admin.example:65536", want: undefined },
  { host: "admin.example:99999999999999999999", want: undefined },
  { host: "admin.example:8a", want: undefined },
  { host: "admin.example:-80", want: undefined },
  { host: "admin.example:80:80", want: undefined },
  { host: "user@admin.example", want: undefined },
  { host: "user:word@admin.example", want: undefined },
  { host: "shop.example,admin.example", want: undefined },
  { host: "admin.example/x", want: undefined },
  { host: "admin.example\\x", want: undefined },
  { host: "admin.example?x", want: undefined },
  { host: "admin.example#x", want: undefined },
  { host: "admin%2eexample", want: undefined },
  { host: "%61dmin.example", want: undefined },
  { host: "admin.example ", want: undefined },
  { host: "admin\t.example", want: undefined },
  { host: "admin\u3002example", want: undefined },
  { host: "ad\u0130min.example", want: undefined },
  { host: "\u212Aube.example", want: undefined },
  { host: "::1", want: undefined },
  { host: "[::1", want: undefined },
  { host: "[::1]x", want: undefined },
  { host: "[::1].", want: undefined },
  { host: "[::1%25eth0]", want: undefined },
  { host: "[v1.x]", want: undefined },
  { host: "[admin.example]", want: undefined },
  { host: "[1.2.3.4]", want: undefined },
];

suite("hosts have one form, or are refused", () => {
  for (const { host, scheme = "", want } of cases) {
    test(`${JSON.stringify(host)} ${scheme}`, () => {
      assert.equal(normalizeHost(host, scheme), want);
      // Whatever was asked before.
      assert.equal(normalizeHost("b.example", scheme), "b.example");
      assert.equal(normalizeHost(host, scheme), want);
      assert.equal(normalizeHost(host, scheme), want);
      if (want !== undefined) assert.equal(normalizeHost(want, scheme), want);
    });
  }

  test("a host is remembered with its scheme", () => {
    assert.equal(normalizeHost("a.example:80", "http"), "a.example");
    assert.equal(normalizeHost("a.example:80", "https"), "a.example:80");
    assert.equal(normalizeHost("a.example:80", ""), "a.example:80");
  });
});
