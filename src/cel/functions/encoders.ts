import { charge } from "../../model/step-limit.ts";
import { decodeBase64Bytes } from "../values/base64.ts";
import { valueError } from "../values/errors.ts";
import { type CelFunction, define, types } from "./define.ts";

const { bytes, string } = types;

/** The encoders extension of cel-go. */
export const encoders: readonly CelFunction[] = [
  define("base64.encode", [bytes], string, (frame, data) => {
    const unpaid = charge(frame.budget, 2 * data.length);
    return unpaid ?? Buffer.from(data).toString("base64");
  }),
  define("base64.decode", [string], bytes, (frame, text) => {
    const unpaid = charge(frame.budget, text.length);
    return unpaid ?? decodeBase64Bytes(text) ?? valueError("illegal base64 data");
  }),
];
