import { setTimeout as sleep } from "node:timers/promises";
import { Server } from "@modelcontextprotocol/server";

// What the protocol's conformance suite asks of a server under test: tools, resources and prompts of these names, with these answers. Ours
// has others, so the suite is held against these behind the transport and the guards that ours stands on.

/** One red pixel. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/** A sound file with no sound in it. */
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";
const PAUSE_MS = 50;

const text = (said: string) => ({ type: "text" as const, text: said });
const image = { type: "image" as const, data: PNG, mimeType: "image/png" };
const resource = (uri: string, mimeType: string, said: string) => ({
  type: "resource" as const,
  resource: { uri, mimeType, text: said },
});

/** What a tool answers without doing more. */
const ANSWERS = {
  test_simple_text: [text("This is a simple text response for testing.")],
  test_image_content: [image],
  test_audio_content: [{ type: "audio" as const, data: WAV, mimeType: "audio/wav" }],
  test_embedded_resource: [resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
  test_multiple_content_types: [
    text("Multiple content types test:"),
    image,
    resource("test://mixed-content-resource", "application/json", JSON.stringify({ test: "data", value: 123 })),
  ],
};

const NO_INPUT = { type: "object" as const, properties: {} };
const TOOLS = [
  ...[...Object.keys(ANSWERS), "test_error_handling", "test_tool_with_logging", "test_tool_with_progress"].map(
    (name) => ({
      name,
      description: name.replaceAll("_", " "),
      inputSchema: NO_INPUT,
    }),
  ),
  {
    name: "json_schema_2020_12_tool",
    description: "Tool with JSON Schema 2020-12 features",
    inputSchema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object" as const,
      $defs: {
        address: { type: "object", properties: { street: { type: "string" }, city: { type: "string" } } },
      },
      properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
      additionalProperties: false,
    },
  },
];

const PROMPTS = [
  { name: "test_simple_prompt", arguments: [] },
  {
    name: "test_prompt_with_arguments",
    arguments: ["arg1", "arg2"].map((name) => ({ name, required: true })),
  },
  { name: "test_prompt_with_embedded_resource", arguments: [{ name: "resourceUri", required: true }] },
  { name: "test_prompt_with_image", arguments: [] },
].map((prompt) => ({ ...prompt, description: prompt.name.replaceAll("_", " ") }));

/** A server with what the suite asks for. */
export function referenceServer(): Server {
  const server = new Server(
    { name: "reference", version: "1.0.0" },
    { capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, logging: {}, completions: {} } },
  );
  server.setRequestHandler("tools/list", async () => ({ tools: TOOLS }));
  server.setRequestHandler("tools/call", async ({ params: { name, _meta } }, { mcpReq }) => {
    if (name === "test_error_handling")
      return { isError: true, content: [text("This tool intentionally returns an error for testing")] };
    if (name === "test_tool_with_logging")
      for (const data of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
        await mcpReq.notify({ method: "notifications/message", params: { level: "info", data } });
        await sleep(PAUSE_MS);
      }
    if (name === "test_tool_with_progress")
      for (const progress of [0, 50, 100]) {
        const progressToken = _meta?.progressToken;
        if (progressToken !== undefined)
          await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, total: 100 } });
        await sleep(PAUSE_MS);
      }
    return { content: ANSWERS[name as keyof typeof ANSWERS] ?? [text(`${name} is done`)] };
  });
  server.setRequestHandler("resources/list", async () => ({
    resources: ["static-text", "static-binary", "watched-resource"].map((name) => ({ name, uri: `test://${name}` })),
  }));
  server.setRequestHandler("resources/templates/list", async () => ({
    resourceTemplates: [{ name: "data", uriTemplate: "test://template/{id}/data" }],
  }));
  server.setRequestHandler("resources/read", async ({ params: { uri } }) => ({ contents: [read(uri)] }));
  server.setRequestHandler("resources/subscribe", async () => ({}));
  server.setRequestHandler("resources/unsubscribe", async () => ({}));
  server.setRequestHandler("prompts/list", async () => ({ prompts: PROMPTS }));
  server.setRequestHandler("prompts/get", async ({ params: { name, arguments: given = {} } }) => ({
    messages: said(name, given).map((content) => ({ role: "user" as const, content })),
  }));
  server.setRequestHandler("completion/complete", async () => ({
    completion: { values: [], total: 0, hasMore: false },
  }));
  server.setRequestHandler("logging/setLevel", async () => ({}));
  return server;
}

function read(uri: string) {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id !== undefined) {
    const data = { id, templateTest: true, data: `Data for ID: ${id}` };
    return { uri, mimeType: "application/json", text: JSON.stringify(data) };
  }
  if (uri === "test://static-binary") return { uri, mimeType: "image/png", blob: PNG };
  return { uri, mimeType: "text/plain", text: "This is the content of the static text resource." };
}

function said(name: string, given: Readonly<Record<string, string>>) {
  if (name === "test_prompt_with_arguments")
    return [text(`Prompt with arguments: arg1='${given.arg1}', arg2='${given.arg2}'`)];
  if (name === "test_prompt_with_embedded_resource")
    return [
      resource(given.resourceUri ?? "", "text/plain", "Embedded resource content for testing."),
      text("Please process the embedded resource above."),
    ];
  if (name === "test_prompt_with_image") return [image, text("Please analyze the image above.")];
  return [text("This is a simple prompt for testing.")];
}
