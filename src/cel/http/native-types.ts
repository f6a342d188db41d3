import type { MessageTypes } from "../messages/message-types.ts";
import { bytesField, intField, textField, textListsField } from "../messages/native-fields.ts";
import {
  type NativeShape,
  nativeShapeOf,
  nativeTypesOf,
  pointerField,
  structField,
} from "../messages/native-message.ts";

/** The name of the type of `object` in policies of mode HTTP. */
export const requestName = "http.CheckRequest";
/** The name of the type of `object.attributes`. */
export const attributesName = "http.CheckRequestAttributes";
/** The name of the type of what a validation gives. */
export const responseName = "http.CheckResponse";
/** The name of the type of an allowing response's content. */
export const okName = "http.CheckResponseOk";
/** The name of the type of a denying response's content. */
export const deniedName = "http.CheckResponseDenied";

const attributes = nativeShapeOf(attributesName, {
  method: textField,
  header: textListsField,
  host: textField,
  protocol: textField,
  contentLength: intField,
  body: bytesField,
  scheme: textField,
  path: textField,
  query: textListsField,
  fragment: textField,
});
const ok = nativeShapeOf(okName, {});
const denied = nativeShapeOf(deniedName, { reason: textField });
const request = nativeShapeOf(requestName, { attributes: structField(attributes) });
const response = nativeShapeOf(responseName, {
  ok: pointerField(ok),
  denied: pointerField(denied),
});

const shapes: readonly NativeShape[] = [request, attributes, response, ok, denied];
const byName = new Map(shapes.map((shape) => [shape.name, shape]));

/** Returns the shape of a structure by its name. */
export function nativeShape(name: string): NativeShape | undefined {
  return byName.get(name);
}

/** The structures of mode HTTP, as an environment takes them. */
export const nativeTypes: MessageTypes = nativeTypesOf(shapes);
