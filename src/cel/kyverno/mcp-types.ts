import { textField, textMapField } from "../messages/native-fields.ts";
import {
  anyMapField,
  type NativeShape,
  nativeShapeOf,
  opaqueField,
  pointerField,
} from "../messages/native-message.ts";
import { CelOpaque } from "../values/value.ts";

/** The type of the variable `mcp`. */
export const mcpNamespace = "mcp.MCP";

/** The id of a request (`mcp.RequestId`): a text, a number, or nothing. */
export class CelRequestId extends CelOpaque {
  override readonly typeName = "mcp.RequestId";
  readonly id: string | number | null;

  constructor(id: string | number | null) {
    super();
    this.id = id;
  }

  override equals(other: CelOpaque): boolean {
    return other instanceof CelRequestId && other.id === this.id;
  }
}

const page = nativeShapeOf("mcp.PaginatedParams", { Cursor: textField });
const toolCall = nativeShapeOf("mcp.CallToolParams", { Name: textField, Arguments: anyMapField });
const resource = nativeShapeOf("mcp.ReadResourceParams", {
  URI: textField,
  Arguments: anyMapField,
});
const subscription = nativeShapeOf("mcp.SubscribeParams", { URI: textField });
const unsubscription = nativeShapeOf("mcp.UnsubscribeParams", { URI: textField });
const prompt = nativeShapeOf("mcp.GetPromptParams", { Name: textField, Arguments: textMapField });
const initialization = nativeShapeOf("mcp.InitializeParams", { ProtocolVersion: textField });
const sampling = nativeShapeOf("mcp.CreateMessageParams", { SystemPrompt: textField });
const elicitation = nativeShapeOf("mcp.ElicitationParams", { Message: textField });
const completion = nativeShapeOf("mcp.CompleteParams", {});
const level = nativeShapeOf("mcp.SetLevelParams", { Level: textField });

/** A request of the Model Context Protocol: its method, and the parameters of the methods that are known. */
export const requestShape: NativeShape = nativeShapeOf("mcp.MCPRequest", {
  Method: textField,
  ID: opaqueField("mcp.RequestId", new CelRequestId(null)),
  Paginated: pointerField(page),
  ToolCall: pointerField(toolCall),
  ResourceRead: pointerField(resource),
  ResourceSubscribe: pointerField(subscription),
  ResourceUnsubscribe: pointerField(unsubscription),
  PromptGet: pointerField(prompt),
  Initialize: pointerField(initialization),
  CreateMessage: pointerField(sampling),
  Elicitation: pointerField(elicitation),
  Complete: pointerField(completion),
  SetLogLevel: pointerField(level),
});

/** All structures of `mcp`. */
export const mcpShapes: readonly NativeShape[] = [
  requestShape,
  page,
  toolCall,
  resource,
  subscription,
  unsubscription,
  prompt,
  initialization,
  sampling,
  elicitation,
  completion,
  level,
];

/** A method whose parameters are read: the field that holds them, and what each of their members is. */
export interface McpMethod {
  readonly field: string;
  readonly shape: NativeShape;
  /** Members of the JSON by the names of fields. */
  readonly members: Readonly<Record<string, { readonly name: string; readonly kind: MemberKind }>>;
}

type MemberKind = "text" | "any-map" | "text-map";

const paginated: McpMethod = {
  field: "Paginated",
  shape: page,
  members: { Cursor: { name: "cursor", kind: "text" } },
};

/** The methods whose parameters the original reads. */
export const mcpMethods: ReadonlyMap<string, McpMethod> = new Map<string, McpMethod>([
  [
    "initialize",
    {
      field: "Initialize",
      shape: initialization,
      members: { ProtocolVersion: { name: "protocolVersion", kind: "text" } },
    },
  ],
  ["resources/list", paginated],
  ["resources/templates/list", paginated],
  ["prompts/list", paginated],
  ["tools/list", paginated],
  [
    "resources/read",
    {
      field: "ResourceRead",
      shape: resource,
      members: {
        URI: { name: "uri", kind: "text" },
        Arguments: { name: "arguments", kind: "any-map" },
      },
    },
  ],
  [
    "tools/call",
    {
      field: "ToolCall",
      shape: toolCall,
      members: {
        Name: { name: "name", kind: "text" },
        Arguments: { name: "arguments", kind: "any-map" },
      },
    },
  ],
  [
    "prompts/get",
    {
      field: "PromptGet",
      shape: prompt,
      members: {
        Name: { name: "name", kind: "text" },
        Arguments: { name: "arguments", kind: "text-map" },
      },
    },
  ],
  [
    "logging/setLevel",
    { field: "SetLogLevel", shape: level, members: { Level: { name: "level", kind: "text" } } },
  ],
  [
    "elicitation/create",
    {
      field: "Elicitation",
      shape: elicitation,
      members: { Message: { name: "message", kind: "text" } },
    },
  ],
]);
