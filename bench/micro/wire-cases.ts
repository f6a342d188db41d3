import { buildAllowResponse, buildDenyResponse } from "../../src/envoy/build-check-response.ts";
import { normalizeBySchema } from "../../src/envoy/check-request/normalize-by-schema.ts";
import { normalizeCheckRequest } from "../../src/envoy/check-request/normalize-check-request.ts";
import { defaultNormalizeOptions } from "../../src/payload/normalize-options.ts";
import { RequestError } from "../../src/payload/request-error.ts";
import { bearer, bookToken, freshMessage } from "./fresh-requests.ts";
import { expectSame, type MicroCase } from "./micro-case.ts";

const batch = 32;
/** Answers are smaller than requests and quicker to build. */
const answers = 100;

/** Returns from bytes to what policies judge, and from the verdict to bytes. */
export function wireCases(): MicroCase[] {
  return [...decodeCases(), ...encodeCases()];
}

function decodeCases(): MicroCase[] {
  const readers = [
    { name: "lean", read: normalizeCheckRequest },
    { name: "by schema", read: normalizeBySchema },
  ];
  const bodies = [
    { name: "1.1 KB, no body", body: undefined },
    { name: "1.1 KB and a body of 16 KiB", body: JSON.stringify({ text: "x".repeat(16_372) }) },
  ];
  return readers.flatMap(({ name: reader, read }) =>
    bodies.map(({ name: request, body }): MicroCase => {
      const name = `decode: ${reader}, ${request}`;
      let messages: Uint8Array[] = [];
      return {
        name,
        operations: batch,
        prepare: () => {
          messages = Array.from({ length: batch }, (_, index) => {
            const headers = bearer(bookToken("admin", index));
            const spec = { method: "POST", path: "/book", headers, allowed: true };
            return freshMessage(body === undefined ? spec : { ...spec, body });
          });
        },
        run: () => {
          let requests = 0;
          for (const message of messages) {
            if (!(read(message, defaultNormalizeOptions) instanceof RequestError)) requests += 1;
          }
          expectSame(name, requests, batch);
        },
      };
    }),
  );
}

function encodeCases(): MicroCase[] {
  const message = "POST method calls at path /book are not allowed to guests users";
  const details = `${message}\n`.repeat(8);
  const cases = [
    { name: "encode: allow", build: buildAllowResponse },
    { name: "encode: deny, no body", build: () => deny("") },
    { name: "encode: deny with a message", build: () => deny(message) },
    { name: "encode: deny with 0.5 KB of details", build: () => deny(details) },
  ];
  return cases.map(({ name, build }) => {
    const bytes = build().length * answers;
    return {
      name,
      operations: answers,
      run: () => {
        let built = 0;
        for (let count = 0; count < answers; count++) built += build().length;
        expectSame(name, built, bytes);
      },
    };
  });
}

function deny(body: string): Uint8Array {
  return buildDenyResponse({ kind: "forbidden", body, contentType: true });
}
