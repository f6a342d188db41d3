import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { optionRows } from "../../src/config/options.ts";
import { limitOption } from "../../src/config/transport-options.ts";
import { attackKinds, limitOfAttack } from "../../src/transport/http2/attack-limits.ts";
import { defaultLimits, type LimitRow, limitTable } from "../../src/transport/limit-table.ts";

const guide = readFileSync(new URL("../../docs/transport.md", import.meta.url), "utf8");

/** A limit's default as docs/transport.md writes it. */
function writeDefault(name: string, value: number): string {
  const count = value.toLocaleString("en-US");
  if (name.endsWith("Ms")) {
    const isLong = value > 60_000 && value % 60_000 === 0;
    return isLong ? `${value / 60_000} min` : `${value / 1_000} s`;
  }
  if (!name.includes("Bytes")) return count;
  return value % 1_048_576 === 0 ? `${value / 1_048_576} MiB` : `${value / 1_024} KiB`;
}

/** The limits that tables of docs/transport.md name, by their options, and the default that stands in the row. */
function limitsInTables(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [row] of guide.matchAll(/^\| .+ \|$/gm)) {
    const [, options = "", defaults = ""] = row.split("|").slice(1, -1);
    const names = [...options.matchAll(/`(--)?([a-z0-9-]+)`/g)];
    const values = defaults.trim().split("; ");
    if (values[0] === "") continue;
    for (const [index, [, dashes, name = ""]] of names.entries()) {
      const option = dashes === undefined ? `http2-${name}` : name;
      const value = values[index] ?? "";
      assert.equal(found.get(option) ?? value, value, `${option} has one default`);
      found.set(option, value);
    }
  }
  return found;
}

test("docs/transport.md names every kind of attack, and the limit that stops it", () => {
  const rows = [...guide.matchAll(/^\| .+ \| (.+) \| .+ \| `([a-z-]+)` \|$/gm)];
  const listed = new Map(rows.map(([, options = "", kind = ""]) => [kind, options]));
  assert.deepEqual([...listed.keys()].toSorted(), attackKinds.toSorted());
  for (const kind of attackKinds) {
    const option = limitOption(limitOfAttack[kind]).replace("http2-", "");
    assert.match(listed.get(kind) ?? "", new RegExp(`\`(--)?${option}\``), kind);
  }
});

test("docs/transport.md has every limit of the transport with its default", () => {
  const { connections, lifetime, attacks } = defaultLimits;
  const want = Object.entries({ ...connections, ...lifetime, ...attacks }).map(
    ([name, value]) => [limitOption(name), writeDefault(name, value)] as const,
  );
  const window = /`--http2-flood-window-ms` \((\d+ s)\)/.exec(guide)?.[1] ?? "";
  const found = new Map([...limitsInTables(), ["http2-flood-window-ms", window]]);
  assert.deepEqual(found, new Map(want));
});

test("the options of the transport's limits are those of its table", () => {
  const rows = [limitTable.connections, limitTable.lifetime, limitTable.attacks].flatMap((group) =>
    Object.entries<LimitRow>(group),
  );
  for (const [name, { standard, min, max, help }] of rows) {
    const option = optionRows.find((row) => row.name === limitOption(name));
    assert.deepEqual(
      [option?.fallback, option?.type, option?.help],
      [String(standard), { kind: "integer", min, max }, help],
      name,
    );
    assert.ok(standard >= min && standard <= max, name);
  }
  assert.equal(rows.length, 31);
});
