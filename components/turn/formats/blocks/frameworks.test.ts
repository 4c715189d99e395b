import { expect, test } from "vitest"
import type { Block } from "./Block"
import { readMessages } from "./readMessages"

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"

/** Returns each message on one line: its role, then what its blocks show. */
function shown(value: unknown): string[] | undefined {
  return readMessages(value)?.map(({ role, blocks }) =>
    [...(role === undefined ? [] : [`${role}:`]), ...blocks.map(blockText)].join(" "),
  )
}

function blockText(block: Block): string {
  if (block.kind === "text") return block.text
  if (block.kind === "thinking") return `(${block.text})`
  if (block.kind === "image") return `[${block.picture.type}]`
  if (block.kind === "call") return `${block.name}(${JSON.stringify(block.args)})`
  if (block.kind === "file") return `<${[block.name, block.type].filter(Boolean).join(" ")}>`
  if (block.kind === "value") return JSON.stringify(block.value)
  return `{${block.isError ? "!" : ""}${block.blocks.map(blockText).join(" ")}}`
}

test.each([
  [
    "LlamaIndex, a message",
    {
      role: "assistant",
      blocks: [
        { block_type: "text", text: "a queue" },
        { block_type: "image", image: PNG, image_mimetype: "image/png" },
      ],
    },
    ["assistant: a queue [png]"],
  ],
  [
    "LlamaIndex, a tool's output",
    { blocks: [{ block_type: "text", text: "42" }], tool_name: "multiply", is_error: false },
    ["42"],
  ],
  [
    "Pydantic AI, whose requests have parts of several authors",
    [
      {
        kind: "request",
        parts: [
          { part_kind: "system-prompt", content: "be kind" },
          { part_kind: "user-prompt", content: "hi" },
        ],
      },
      {
        kind: "response",
        parts: [
          { part_kind: "thinking", content: "hm" },
          { part_kind: "tool-call", tool_name: "f", args: '{"a":1}', tool_call_id: "c" },
        ],
      },
      {
        kind: "request",
        parts: [
          { part_kind: "tool-return", tool_name: "f", content: { n: 2 }, tool_call_id: "c" },
          { part_kind: "retry-prompt", tool_name: "f", content: "try again", tool_call_id: "c" },
        ],
      },
    ],
    ["system: be kind", "user: hi", 'assistant: (hm) f("{\\"a\\":1}")', 'tool: {{"n":2}} {!try again}'],
  ],
  [
    "Pydantic AI, a response",
    { kind: "response", parts: [{ part_kind: "text", content: "hi" }], model_name: "m" },
    ["assistant: hi"],
  ],
  [
    "Cohere, with the model's plan",
    { message: { role: "assistant", tool_plan: "search first", content: [{ type: "text", text: "tall" }] } },
    ["assistant: (search first) tall"],
  ],
  [
    "Mistral, with thinking as a list",
    {
      choices: [
        {
          message: {
            role: "assistant",
            content: [
              { type: "thinking", thinking: [{ type: "text", text: "3 times 7" }] },
              { type: "text", text: "21" },
            ],
          },
        },
      ],
    },
    ["assistant: (3 times 7) 21"],
  ],
  [
    "Mistral's agents",
    {
      outputs: [
        { type: "tool.execution", name: "web_search", arguments: '{"q":"x"}' },
        {
          type: "message.output",
          role: "assistant",
          content: [
            { type: "text", text: "Spain" },
            { type: "tool_reference", title: "Euro", url: "https://a.example" },
          ],
        },
      ],
    },
    ['web_search("{\\"q\\":\\"x\\"}")', "assistant: Spain <Euro>"],
  ],
  [
    "Ollama",
    {
      model: "q",
      message: { role: "assistant", content: "sunny", thinking: "the tool said so" },
      done: true,
    },
    ["assistant: (the tool said so) sunny", ""],
  ],
  [
    "Gemini's interactions",
    {
      outputs: [
        { type: "thought", summary: [{ type: "text", text: "plan" }] },
        { type: "function_call", name: "book", arguments: { seat: "4A" } },
        { type: "text", text: "booked" },
      ],
    },
    ["(plan)", 'book({"seat":"4A"})', "booked"],
  ],
  [
    "Bedrock, with citations and guarded text",
    {
      output: {
        message: {
          role: "assistant",
          content: [
            { citationsContent: { content: [{ text: "5 days" }], citations: [{ title: "p.pdf" }] } },
            { guardContent: { text: { text: "guarded", qualifiers: ["query"] } } },
          ],
        },
      },
    },
    ["assistant: {5 days} guarded"],
  ],
  [
    "AutoGen",
    {
      messages: [
        { source: "user", content: "6*7?", type: "TextMessage" },
        {
          source: "calc",
          content: [{ id: "c", arguments: "{}", name: "multiply" }],
          type: "ToolCallRequestEvent",
        },
        {
          source: "calc",
          content: [{ content: "42", name: "multiply", call_id: "c", is_error: false }],
          type: "ToolCallExecutionEvent",
        },
      ],
    },
    ["user: 6*7?", 'calc: multiply("{}")', "calc: {42}"],
  ],
  [
    "Semantic Kernel in Python",
    {
      role: "assistant",
      items: [
        { content_type: "text", text: "lights" },
        { content_type: "function_call", id: "c", name: "on", arguments: "{}" },
      ],
    },
    ['assistant: lights on("{}")'],
  ],
  [
    "Semantic Kernel in .NET",
    {
      Role: { Label: "assistant" },
      Items: [
        { $type: "TextContent", Text: "orders" },
        { $type: "FunctionCallContent", FunctionName: "List", Arguments: { c: 7 } },
      ],
    },
    ['assistant: orders List({"c":7})'],
  ],
  [
    ".NET's chat messages",
    {
      role: "assistant",
      contents: [
        { $type: "reasoning", text: "hm" },
        { $type: "functionCall", callId: "k", name: "Get", arguments: {} },
        { $type: "functionResult", callId: "k", result: "rain" },
      ],
    },
    ["assistant: (hm) Get({}) {rain}"],
  ],
  [
    "Microsoft's Agent Framework",
    {
      type: "chat_message",
      role: { type: "role", value: "assistant" },
      contents: [{ type: "text", text: "one moment" }],
    },
    ["assistant: one moment"],
  ],
  [
    "Spring AI",
    { messageType: "ASSISTANT", text: "look", toolCalls: [{ id: "s", name: "now", arguments: "{}" }] },
    ['assistant: look now("{}")'],
  ],
  [
    "LangChain4j",
    [
      { type: "USER", contents: [{ type: "TEXT", text: "2+2?" }] },
      { type: "AI", text: "calling", toolExecutionRequests: [{ id: "1", name: "add", arguments: "{}" }] },
      { type: "TOOL_EXECUTION_RESULT", id: "1", toolName: "add", text: "4" },
    ],
    ["user: 2+2?", 'assistant: calling add("{}")', "tool: 4"],
  ],
  [
    "Letta",
    [
      { message_type: "reasoning_message", reasoning: "greets" },
      { message_type: "tool_call_message", tool_call: { name: "send", arguments: "{}" } },
      { message_type: "tool_return_message", tool_return: "sent" },
    ],
    ["assistant: (greets)", 'assistant: send("{}")', "tool: sent"],
  ],
  [
    "Genkit",
    {
      message: {
        role: "model",
        content: [
          { text: "chart" },
          { toolRequest: { name: "draw", input: { kind: "bar" } } },
          { toolResponse: { name: "draw", output: { ok: true } } },
          { media: { url: `data:image/png;base64,${PNG}`, contentType: "image/png" } },
        ],
      },
    },
    ['model: chart draw({"kind":"bar"}) {{"ok":true}} [png]'],
  ],
  [
    "Haystack",
    {
      role: "assistant",
      content: [
        { text: "look" },
        { tool_call: { id: "h", tool_name: "search", arguments: { q: "cats" } } },
        { tool_call_result: { result: "3 cats", origin: {}, error: true } },
      ],
    },
    ['assistant: look search({"q":"cats"}) {!3 cats}'],
  ],
  [
    "Mastra and older versions of the AI SDK",
    {
      role: "assistant",
      content: {
        format: 2,
        parts: [
          {
            type: "tool-invocation",
            toolInvocation: { state: "result", toolCallId: "t", toolName: "w", args: { c: 1 }, result: "21" },
          },
          { type: "source", source: { sourceType: "url", url: "https://a.example", title: "A" } },
        ],
      },
    },
    ['assistant: {w({"c":1}) 21} <A> {"format":2}'],
  ],
  [
    "Goose",
    [
      {
        role: "assistant",
        content: [
          {
            type: "toolRequest",
            id: "g",
            toolCall: { status: "success", value: { name: "sh", arguments: {} } },
          },
        ],
      },
      {
        role: "user",
        content: [
          {
            type: "toolResponse",
            id: "g",
            toolResult: { status: "success", value: [{ type: "text", text: "a.txt" }] },
          },
          { type: "toolResponse", id: "h", toolResult: { status: "error", error: "no such file" } },
        ],
      },
    ],
    ["assistant: sh({})", "user: {a.txt} {!no such file}"],
  ],
  [
    "A2A",
    {
      kind: "message",
      role: "agent",
      parts: [
        { kind: "text", text: "report" },
        {
          kind: "file",
          file: { name: "r.pdf", mimeType: "application/pdf", uri: "https://a.example/r.pdf" },
        },
      ],
    },
    ["agent: report <r.pdf application/pdf>"],
  ],
  [
    "an A2A task",
    { kind: "task", artifacts: [{ artifactId: "a", parts: [{ kind: "text", text: "joke" }] }] },
    ["joke", ""],
  ],
  [
    "the Agent Client Protocol",
    [
      { type: "content", content: { type: "text", text: "edited" } },
      { type: "diff", path: "a", oldText: "x", newText: "y" },
    ],
    ["{edited}", '{"type":"diff","path":"a","oldText":"x","newText":"y"}'],
  ],
  [
    "MCP in JSON-RPC",
    { jsonrpc: "2.0", id: 3, result: { content: [{ type: "text", text: "72" }] } },
    ["72", ""],
  ],
  [
    "the contents of an MCP resource",
    {
      contents: [
        { uri: "file:///a", mimeType: "text/plain", text: "x" },
        { uri: "file:///b", mimeType: "image/png", blob: PNG },
      ],
    },
    ["x [png]"],
  ],
  [
    "OpenAI's Realtime API",
    {
      type: "response.done",
      response: {
        output: [{ type: "message", role: "assistant", content: [{ type: "audio", transcript: "hello" }] }],
      },
    },
    ["assistant: hello", ""],
  ],
  [
    "OpenAI's Assistants API",
    { role: "assistant", content: [{ type: "text", text: { value: "growth", annotations: [1] } }] },
    ["assistant: growth"],
  ],
  [
    "OpenAI's built-in tools with their output",
    {
      output: [
        { type: "code_interpreter_call", code: "1+1", outputs: [{ type: "logs", logs: "2" }] },
        { type: "mcp_call", name: "ask", arguments: "{}", output: "four", error: null },
        { type: "apply_patch_call", operation: { type: "update_file" } },
        { type: "shell_call_output", output: [{ stdout: "a", stderr: "", outcome: { exit_code: 2 } }] },
      ],
    },
    [
      '{code_interpreter_call("1+1") 2}',
      '{ask("{}") four}',
      'apply_patch_call({"type":"update_file"})',
      '{[{"stdout":"a","stderr":"","outcome":{"exit_code":2}}]}',
    ],
  ],
  ["an image that OpenAI generated", { output: [{ type: "image_generation_call", result: PNG }] }, ["[png]"]],
  [
    "OpenRouter's details of reasoning",
    {
      choices: [
        {
          message: {
            role: "assistant",
            content: "four",
            reasoning_details: [{ type: "reasoning.text", text: "2+2" }],
          },
        },
      ],
    },
    ["assistant: (2+2) four"],
  ],
  [
    "Anthropic's search results and documents",
    [
      {
        type: "search_result",
        source: "https://a.example",
        title: "Guide",
        content: [{ type: "text", text: "a key" }],
      },
      {
        type: "document",
        title: "D",
        source: { type: "content", content: [{ type: "text", text: "chunk" }] },
      },
      {
        type: "document",
        title: "i.pdf",
        source: { type: "base64", media_type: "application/pdf", data: "JVBERi0x" },
      },
    ],
    ["{<Guide> a key} {<D> chunk} <i.pdf application/pdf>"],
  ],
  [
    "an error of Anthropic's code execution, and a call that was denied",
    [
      {
        type: "text_editor_code_execution_tool_result",
        content: { type: "text_editor_code_execution_tool_result_error", error_code: "not_found" },
      },
      { type: "tool-result", toolName: "rm", output: { type: "execution-denied", reason: "no" } },
    ],
    [
      [
        '{!{"type":"text_editor_code_execution_tool_result_error","error_code":"not_found"}}',
        '{!{"type":"execution-denied","reason":"no"}}',
      ].join(" "),
    ],
  ],
  [
    "an image whose data is invalid",
    [{ type: "image", source: { type: "base64", media_type: "image/png", data: "!!!! not base64 !!!!" } }],
    ["<image image/png>"],
  ],
])("reads messages of %s", (_name, value, expected) => {
  expect(shown(value)).toEqual(expected)
})

test.each([
  ["files in a folder", [{ type: "file", name: "a.ts", size: 3 }]],
  ["an object with items", { role: "user", items: [{ id: 1 }] }],
  ["a role of another kind", { role: "admin", text: "x" }],
  ["a source of another kind", { source: "a", content: "x", type: "note" }],
])("leaves %s", (_name, value) => {
  expect(readMessages(value)).toBeUndefined()
})

test("the path of a message is that of its part, if it only has one", () => {
  const parts = ["system-prompt", "user-prompt", "user-prompt"].map((part_kind) => ({
    part_kind,
    content: "x",
  }))
  expect(readMessages([{ kind: "request", parts }])?.map(({ path }) => path)).toEqual([
    ["0", "parts", "0"],
    ["0"],
  ])
})

test("shows where a file's other fields are, and loses none of them", () => {
  const data = "JVBERi0x"
  const [message] =
    readMessages([{ type: "document", title: "i.pdf", source: { media_type: "application/pdf", data } }]) ??
    []
  expect(message?.blocks[0]).toMatchObject({
    kind: "file",
    bytes: 6,
    extra: { source: { media_type: "application/pdf", data } },
  })
})

test("reads blocks that are nested very deeply", () => {
  const depth = 3_000
  const text = `${'[{"type":"tool_result","content":'.repeat(depth)}"x"${"}]".repeat(depth)}`
  expect(readMessages(JSON.parse(text))).toHaveLength(1)
})
