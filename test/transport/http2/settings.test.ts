import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCode } from "../../../src/transport/http2/codes.ts";
import {
  buildSettings,
  defaultPeerSettings,
  readSettings,
} from "../../../src/transport/http2/settings.ts";
import { setting, settings } from "../../support/h2-wire.ts";

type Pair = readonly [id: number, value: number];

const defaults = defaultPeerSettings();

const cases: readonly {
  readonly name: string;
  readonly pairs: readonly Pair[];
  readonly want?: object;
  readonly error?: keyof typeof errorCode;
}[] = [
  { name: "nothing", pairs: [] },
  { name: "unknown settings", pairs: [[99, 1]] },
  { name: "a window", pairs: [[setting.INITIAL_WINDOW_SIZE, 7]], want: { initialWindow: 7 } },
  {
    name: "the last of two windows",
    pairs: [
      [setting.INITIAL_WINDOW_SIZE, 7],
      [setting.INITIAL_WINDOW_SIZE, 0x7fff_ffff],
    ],
    want: { initialWindow: 0x7fff_ffff },
  },
  {
    name: "a window over 31 bits",
    pairs: [[setting.INITIAL_WINDOW_SIZE, 0x8000_0000]],
    error: "FLOW_CONTROL_ERROR",
  },
  {
    name: "the smallest of two tables",
    pairs: [
      [setting.HEADER_TABLE_SIZE, 0],
      [setting.HEADER_TABLE_SIZE, 4_096],
    ],
    want: { smallestTableBytes: 0 },
  },
  { name: "a larger table", pairs: [[setting.HEADER_TABLE_SIZE, 65_536]] },
  { name: "no push", pairs: [[setting.ENABLE_PUSH, 0]] },
  { name: "push as 2", pairs: [[setting.ENABLE_PUSH, 2]], error: "PROTOCOL_ERROR" },
  { name: "the smallest frame", pairs: [[setting.MAX_FRAME_SIZE, 16_384]] },
  { name: "the largest frame", pairs: [[setting.MAX_FRAME_SIZE, 16_777_215]] },
  { name: "a smaller frame", pairs: [[setting.MAX_FRAME_SIZE, 16_383]], error: "PROTOCOL_ERROR" },
  {
    name: "a larger frame",
    pairs: [[setting.MAX_FRAME_SIZE, 16_777_216]],
    error: "PROTOCOL_ERROR",
  },
];

for (const { name, pairs, want = {}, error } of cases) {
  test(`a peer's settings: ${name}`, () => {
    const payload = settings(...pairs).subarray(9);
    const read = defaultPeerSettings();
    const code = readSettings(payload, 0, payload.length, read);
    // What was read is of no interest once there is an error.
    assert.deepEqual(
      error === undefined ? { code, ...read } : { code },
      error === undefined
        ? { code: errorCode.NO_ERROR, ...defaults, ...want }
        : { code: errorCode[error] },
    );
  });
}

test("the server's settings are three pairs", () => {
  const payload = buildSettings({
    maxConcurrentStreams: 100,
    initialWindow: 65_536,
    maxHeaderListBytes: 16_384,
  });
  assert.deepEqual(
    Buffer.from(payload),
    settings(
      [setting.MAX_CONCURRENT_STREAMS, 100],
      [setting.INITIAL_WINDOW_SIZE, 65_536],
      [setting.MAX_HEADER_LIST_SIZE, 16_384],
    ).subarray(9),
  );
});
