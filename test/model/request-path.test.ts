import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { applyPathPolicy, normalizePath, type PathPolicy } from "../../src/model/request-path.ts";
import { cpuTimeMs } from "../support/cpu-time.ts";

interface PathCase {
  readonly target: string;
  /** The normal form; the target itself where there is nothing to normalize, undefined where there is none. */
  readonly normal: string | undefined;
  /** Whether `refuse` lets it through as it is. */
  readonly plain?: boolean;
}

const same = (target: string): PathCase => ({ target, normal: target, plain: true });
const none = (target: string): PathCase => ({ target, normal: undefined });

const cases: readonly PathCase[] = [
  // Every reader takes these the same way.
  same("/"),
  same("/products/1"),
  same("/products/1/"),
  same("/.well-known/acme"),
  same("/a..b/...x/..y/z."),
  same("/a:b@c!$&'()*+,;=d"),
  same("/x;v=1/y"),
  same("/x?y=%2e%2e/%61//\\&z=%zz"),
  same("/x??//"),
  same("/x?"),
  { target: "/a%20b", normal: "/a b", plain: true },
  { target: "/caf%C3%A9", normal: "/café", plain: true },
  { target: "/caf%c3%a9", normal: "/café", plain: true },
  { target: "/a%3Ab%40c", normal: "/a:b@c", plain: true },
  { target: "/a%3fb%23c", normal: "/a%3Fb%23c", plain: true },
  { target: "/100%25", normal: "/100%25", plain: true },
  { target: "/100%25/x%25g1", normal: "/100%25/x%25g1", plain: true },
  // Unreserved characters.
  { target: "/products/%61dmin", normal: "/products/admin" },
  { target: "/%41%7a%30%39", normal: "/Az09" },
  { target: "/a%2Db%5Fc%7Ed", normal: "/a-b_c~d" },
  // Dot segments.
  { target: "/static/../admin", normal: "/admin" },
  { target: "/static/./admin/.", normal: "/static/admin/" },
  { target: "/static/..", normal: "/" },
  { target: "/..", normal: "/" },
  { target: "/a/b/..?x=/..", normal: "/a/?x=/.." },
  { target: "/static/%2e%2e/products/admin", normal: "/products/admin" },
  { target: "/static/.%2E/admin", normal: "/admin" },
  { target: "/static/..%2fadmin", normal: "/admin" },
  // Slashes.
  { target: "//admin/x", normal: "/admin/x" },
  { target: "/a///b//", normal: "/a/b/" },
  { target: "/a%2Fb", normal: "/a/b" },
  { target: "/static\\..\\admin", normal: "/admin" },
  { target: "/products/x%5c..%5cadmin", normal: "/products/admin" },
  { target: "/\\evil.example", normal: "/evil.example" },
  // Beyond ASCII a character has a second spelling.
  { target: "/café", normal: "/café" },
  // No form that all readers agree on.
  none("/admin#/../static/x"),
  none("/admin#.png"),
  none("/x?y#z"),
  none("/a\0b"),
  none("/a%00b"),
  none("/a\tb"),
  none("/a%0d%0aSet-Cookie:x"),
  none("/a%1f"),
  none("/a%7f"),
  none("/a\x7fb"),
  none("/a%c2%85"),
  none("/%zz"),
  none("/%"),
  none("/%4"),
  none("/%u002e%u002e/admin"),
  none("/%c0%ae%c0%ae/admin"),
  none("/%e0%80%ae"),
  none("/%ed%a0%80"),
  none("/%ff"),
  none("/%C3x"),
  none("/%252e%252e/admin"),
  none("/%2561dmin"),
  none("/%252Fx"),
  none("/%25u002e"),
  none("/%254%31"),
  none("/static/..;/admin"),
  none("/static/..;a=b/admin"),
  none("/static/.;/admin"),
  none("/static/..%3b/admin"),
  none("/static/%2e%2e;/admin"),
  none("/static/..;"),
  none(""),
  none("admin"),
  none("?x"),
  none("http://shop.example/admin"),
  none("HTTP://shop.example"),
  none("shop.example:443"),
  none("*/x"),
];

function apply(target: string, policy: PathPolicy, method = "GET"): string | undefined {
  return applyPathPolicy(target, method, policy);
}

suite("path policies", () => {
  for (const { target, normal, plain = false } of cases) {
    test(JSON.stringify(target), () => {
      assert.equal(apply(target, "refuse"), plain ? target : undefined);
      assert.equal(apply(target, "normalize"), normal);
      assert.equal(apply(target, "raw"), target);
    });
  }

  test("the normal form of a normal form is itself", () => {
    for (const { normal } of cases) {
      if (normal !== undefined) assert.equal(apply(normal, "normalize"), normal);
    }
  });

  test("`*` is for OPTIONS alone", () => {
    for (const policy of ["refuse", "normalize"] as const) {
      assert.equal(apply("*", policy, "OPTIONS"), "*");
      assert.equal(apply("*", policy, "GET"), undefined);
    }
  });

  test("of the escapes of one byte, those stay that mean one thing", () => {
    const plain = Array.from({ length: 256 }, (_, byte) => byte).filter(
      (byte) => apply(`/%${byte.toString(16).padStart(2, "0")}`, "refuse") !== undefined,
    );
    assert.equal(String.fromCharCode(...plain), " !\"#$%&'()*+,:;<=>?@[]^`{|}");
  });

  test("of the characters as they are, those stay that are printable ASCII, without `#`, `\\` and a lone `%`", () => {
    const plain = Array.from({ length: 0x2_00 }, (_, code) => code).filter(
      (code) => apply(`/a${String.fromCharCode(code)}b`, "refuse") !== undefined,
    );
    const ascii = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index));
    const want = ascii.filter((character) => !"#%\\".includes(character)).join("");
    assert.equal(String.fromCharCode(...plain), want);
  });

  test("a long path takes time in proportion to its length", () => {
    const long = [
      "/a".repeat(200_000),
      "/%61".repeat(100_000),
      "/.".repeat(200_000),
      "/..;".repeat(1e5),
    ];
    const tookMs = cpuTimeMs(() => {
      for (const path of long) {
        apply(path, "refuse");
        normalizePath(path);
      }
    });
    assert.ok(tookMs < 5_000, `${tookMs} ms`);
  });
});
