import { AttributeContextSchema } from "../../gen/envoy/service/auth/v3/attribute_context_pb.ts";
import { CheckRequestSchema } from "../../gen/envoy/service/auth/v3/external_auth_pb.ts";
import { encodeVarint } from "../encode-varint.ts";
import { tagOf, wireType } from "../wire-tags.ts";
import { FieldCursor } from "./field-cursor.ts";

const { attributes: attributesField } = CheckRequestSchema.field;
const attributesTag = encodeVarint(tagOf(attributesField));
const { metadataContext, routeMetadataContext } = AttributeContextSchema.field;
const metadataFields: ReadonlySet<number> = new Set([
  metadataContext.number,
  routeMetadataContext.number,
]);

/**
 * Returns the `CheckRequest` without the metadata whose fields are not among those that are read, a bit each: what is
 * in there is no reason to refuse a request. Returns the message itself when there is nothing to leave out, or when it
 * is broken.
 */
export function dropUnreadMetadata(message: Uint8Array, attributes: number): Uint8Array {
  const kept: Uint8Array[] = [];
  let hasDropped = false;
  const fields = new FieldCursor(message, 0, message.length);
  while (fields.next()) {
    if (fields.number !== attributesField.number || fields.type !== wireType.bytes) {
      kept.push(message.subarray(fields.start, fields.at));
      continue;
    }
    const inner = new FieldCursor(message, fields.contentStart, fields.at);
    const parts: Uint8Array[] = [];
    while (inner.next()) {
      const isDropped =
        metadataFields.has(inner.number) && (attributes & (1 << inner.number)) === 0;
      if (isDropped) hasDropped = true;
      else parts.push(message.subarray(inner.start, inner.at));
    }
    if (inner.failed) return message;
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    kept.push(Uint8Array.from([...attributesTag, ...encodeVarint(length)]));
    kept.push(...parts);
  }
  return hasDropped && !fields.failed ? Buffer.concat(kept) : message;
}
