import type { Shape } from "../../documents/check-shape.ts";

const text: Shape = { type: "string" };
const anything: Shape = { open: true };
const object: Shape = { type: "object", open: true };

function objectOf(
  fields: Readonly<Record<string, Shape>>,
  required: readonly string[] = [],
): Shape {
  return { type: "object", required, fields: new Map(Object.entries(fields)) };
}

function listOf(items: Shape): Shape {
  return { type: "array", items };
}

const condition = objectOf({ name: text, expression: text }, ["name", "expression"]);

const policySpec = objectOf({
  auditAnnotations: listOf(object),
  autogen: object,
  evaluation: objectOf({ admission: object, background: object, mode: text }),
  failurePolicy: text,
  matchConditions: listOf(condition),
  matchConstraints: object,
  validationActions: listOf(text),
  validations: listOf(
    objectOf({ expression: text, message: text, messageExpression: text, reason: text }, [
      "expression",
    ]),
  ),
  variables: listOf(condition),
  webhookConfiguration: object,
});

const exceptionSpec = objectOf(
  {
    allowedValues: listOf(text),
    evaluationMode: text,
    expiresAt: text,
    images: listOf(text),
    matchConditions: listOf(condition),
    policyRefs: listOf(objectOf({ kind: text, name: text }, ["name"])),
    reportResult: text,
  },
  ["policyRefs"],
);

function documentOf(spec: Shape): Shape {
  return objectOf({ apiVersion: text, kind: text, metadata: object, spec, status: anything }, [
    "spec",
  ]);
}

/** A `ValidatingPolicy`: the custom resource's schema at kyverno-authz 9318d0b. `metadata` is checked elsewhere. */
export const policyShape: Shape = documentOf(policySpec);

/** A `PolicyException`, likewise. */
export const exceptionShape: Shape = documentOf(exceptionSpec);
