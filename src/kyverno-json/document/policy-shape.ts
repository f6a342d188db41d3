import type { Shape } from "../../documents/check-shape.ts";

const text: Shape = { type: "string" };
const anything: Shape = { open: true };
const tree: Shape = { type: "object", open: true };

function block(items: Shape): Shape {
  const list: Shape = { type: "array", items };
  return {
    type: "object",
    fields: new Map([
      ["any", list],
      ["all", list],
    ]),
  };
}

const assertion: Shape = {
  type: "object",
  required: ["check"],
  fields: new Map([
    ["check", tree],
    ["message", text],
  ]),
};

const contextEntry: Shape = {
  type: "object",
  required: ["name"],
  fields: new Map([
    ["name", text],
    ["variable", anything],
  ]),
};

const rule: Shape = {
  type: "object",
  required: ["assert", "name"],
  fields: new Map([
    ["assert", block(assertion)],
    ["context", { type: "array", items: contextEntry }],
    ["exclude", block(tree)],
    ["identifier", text],
    ["match", block(tree)],
    ["name", { type: "string", maxLength: 63 }],
  ]),
};

/**
 * A `json.kyverno.io/v1alpha1 ValidatingPolicy`: the custom resource's schema at kyverno-json v0.0.3-alpha.2.
 * `metadata` is checked elsewhere.
 */
export const policyShape: Shape = {
  type: "object",
  required: ["spec"],
  fields: new Map([
    ["apiVersion", text],
    ["kind", text],
    ["metadata", tree],
    [
      "spec",
      {
        type: "object",
        required: ["rules"],
        fields: new Map([["rules", { type: "array", items: rule }]]),
      },
    ],
  ]),
};
