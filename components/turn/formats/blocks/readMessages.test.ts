import { describe, expect, test } from "vitest"
import type { Block } from "./Block"
import { messagesText, readMessages } from "./readMessages"

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"

/** Returns a short description of each message: role, then each block, then other fields after a bar. */
function shape(value: unknown): string[] | undefined {
  return readMessages(value)?.map(({ role, isError, blocks, extra }) =>
    [
      ...(role === undefined ? [] : [`${role}:`]),
      ...(isError ? ["ERROR"] : []),
      ...blocks.map(blockShape),
      ...extraShape(extra),
    ].join(" "),
  )
}

function blockShape(block: Block): string {
  const extra = extraShape(block.extra)
  const stream = block.kind === "text" && block.stream !== undefined ? `${block.stream}:` : ""
  return [stream + contentShape(block), ...extra].join(" ")
}

function contentShape(block: Block): string {
  switch (block.kind) {
    case "text":
    case "thinking":
      return `${block.kind}(${block.text})${block.textPath === undefined ? "" : `@/${block.textPath.join("/")}`}`
    case "image":
      return `image(${block.picture.type})`
    case "call":
      return `call(${block.name} ${JSON.stringify(block.args)})`
    case "result":
      return `result${block.isError ? "!" : ""}(${block.blocks.map(blockShape).join(", ")})`
    case "file":
      return `file(${fileShape(block)})`
    case "value":
      return `value(${JSON.stringify(block.value)})`
  }
}

function fileShape({ name, link, isPicture, description }: Block & { kind: "file" }): string {
  const address = link === undefined || link === name || isPicture ? name : `${name} ${link}`
  return description === undefined ? address : `${address}: ${description}`
}

function extraShape(extra: object): string[] {
  return Object.keys(extra).length === 0 ? [] : [`| ${JSON.stringify(extra)}`]
}

describe("readMessages", () => {
  test.each([
    [
      "a list of text blocks",
      [
        { type: "text", text: "a" },
        { type: "text", text: "b" },
      ],
      ["text(a)@/0/text text(b)@/1/text"],
    ],
    ["an MCP result", { content: [{ type: "text", text: "a" }] }, ["text(a)@/content/0/text"]],
    [
      "one of OpenAI's choices",
      { index: 0, message: { role: "assistant", content: "a" }, "event.name": "gen_ai.choice" },
      ["assistant: text(a)@/message/content", '| {"event.name":"gen_ai.choice"}'],
    ],
    [
      "calls that LangChain only keeps as the provider sent them",
      {
        ...{ role: "assistant", content: "", tool_calls: [] },
        additional_kwargs: {
          tool_calls: [{ id: "c", function: { name: "f", arguments: "{}" } }],
          refusal: null,
        },
      },
      ['assistant: call(f "{}") | {"id":"c"}'],
    ],
    [
      "an MCP error",
      { content: [{ type: "text", text: "no" }], isError: true },
      ["ERROR text(no)@/content/0/text"],
    ],
    [
      "an MCP result with structured content",
      { content: [{ type: "text", text: "a" }], structuredContent: { n: 1 } },
      ['text(a)@/content/0/text | {"structuredContent":{"n":1}}'],
    ],
    ["an MCP image", { content: [{ type: "image", mimeType: "image/png", data: PNG }] }, ["image(png)"]],
    [
      "an MCP resource",
      [{ type: "resource", resource: { uri: "file:///a", mimeType: "text/plain", text: "x" } }],
      ['text(x)@/0/resource/text | {"uri":"file:///a","mimeType":"text/plain"}'],
    ],
    [
      "an MCP resource link",
      [{ type: "resource_link", uri: "file:///a", name: "a.txt" }],
      ["file(a.txt file:///a)"],
    ],
    [
      "a single MCP resource link with a description",
      {
        ...{ type: "resource_link", uri: "file:///a", name: "a.txt", mimeType: "text/plain" },
        ...{ description: "What it is", size: 3 },
      },
      ['file(a.txt file:///a: What it is) | {"size":3}'],
    ],
    [
      "what Gemini's Python SDK writes, with null for each kind of content that a part doesn't have",
      { role: "model", parts: [{ text: "a", thought: null, inline_data: null, function_call: null }] },
      ["model: text(a)@/parts/0/text"],
    ],
    [
      "content of Gemini without an author",
      { parts: [{ text: "a" }, { text: "b" }] },
      ["text(a)@/parts/0/text text(b)@/parts/1/text"],
    ],
    [
      "a list of Gemini content without authors",
      [{ parts: [{ text: "a" }] }, { parts: [{ text: "b" }] }],
      ["text(a)@/0/parts/0/text", "text(b)@/1/parts/0/text"],
    ],
    [
      "one of Gemini's candidates",
      { content: { role: "model", parts: [{ text: "a" }] }, finishReason: "STOP", index: 0 },
      ["model: text(a)@/content/parts/0/text", '| {"finishReason":"STOP"}'],
    ],
    [
      "a document that was sent to Gemini",
      [{ inlineData: { mimeType: "application/pdf", data: "JVBERi0" } }, { text: "a" }],
      ['file(inlineData) | {"data":"JVBERi0"} text(a)@/1/text'],
    ],
    [
      "the system prompt of a request to Gemini",
      { system_instruction: { parts: [{ text: "s" }] }, contents: [{ parts: [{ text: "u" }] }] },
      ["system: text(s)@/system_instruction/parts/0/text", "text(u)@/contents/0/parts/0/text"],
    ],
    [
      "the system prompt of a request to Anthropic",
      { model: "m", system: [{ type: "text", text: "s" }], messages: [{ role: "user", content: "u" }] },
      ["system: text(s)@/system/0/text", "user: text(u)@/messages/0/content", '| {"model":"m"}'],
    ],
    [
      "the outputs of a notebook's cell",
      {
        outputs: [
          { output_type: "stream", name: "stdout", text: "a\n" },
          { output_type: "stream", name: "stderr", text: ["b\n", "c\n"] },
          {
            ...{ output_type: "execute_result", execution_count: 3, metadata: {} },
            data: { "text/plain": ["1\n", "2"], "text/html": "<b>1</b>" },
          },
          { output_type: "display_data", data: { "image/png": PNG, "text/plain": "<Figure>" } },
          { output_type: "display_data", data: { "application/json": { n: 1 } } },
          { output_type: "error", ename: "E", evalue: "no", traceback: ["T1", "T2"] },
          { output_type: "error", ename: "E", evalue: "no", traceback: [] },
        ],
      },
      [
        [
          "text(a\n)@/outputs/0/text stderr:text(b\nc\n)@/outputs/1/text",
          'text(1\n2)@/outputs/2/data/text/plain | {"execution_count":3,"data":{"text/html":"<b>1</b>"}}',
          'image(png) | {"data":{"text/plain":"<Figure>"}} value({"n":1})',
          'result!(text(T1\nT2)@/outputs/5/traceback) | {"ename":"E","evalue":"no"} result!(text(E: no))',
        ].join(" "),
      ],
    ],
    [
      "a list of a notebook's outputs",
      [{ output_type: "stream", name: "stdout", text: ["a"] }],
      ["text(a)@/0/text"],
    ],
    [
      "a notebook",
      {
        cells: [
          { cell_type: "markdown", metadata: {}, source: ["# T\n", "x"] },
          {
            ...{ cell_type: "code", metadata: {}, source: "1", execution_count: 1 },
            outputs: [{ output_type: "execute_result", data: { "text/plain": "1" } }],
          },
        ],
        nbformat: 4,
      },
      [
        "text(# T\nx)@/cells/0/source",
        'call(code "1") text(1)@/cells/1/outputs/0/data/text/plain | {"execution_count":1}',
        '| {"nbformat":4}',
      ],
    ],
    [
      "an observation of OpenHands",
      { observation: "read", content: "a", extras: { path: "/x" } },
      ['text(a)@/content | {"observation":"read","extras":{"path":"/x"}}'],
    ],
    [
      "an OpenHands error",
      { observation: "error", content: "no", extras: {} },
      ['ERROR text(no)@/content | {"observation":"error"}'],
    ],
    [
      "annotations of a block",
      [{ type: "text", text: "a", annotations: { priority: 1 } }],
      ['text(a)@/0/text | {"annotations":{"priority":1}}'],
    ],
    [
      "an Anthropic tool result",
      { type: "tool_result", tool_use_id: "t1", content: "x", is_error: true },
      ['result!(text(x)@/content) | {"tool_use_id":"t1"}'],
    ],
    [
      "Anthropic blocks",
      [
        { type: "thinking", thinking: "hm", signature: "s" },
        { type: "tool_use", id: "t1", name: "bash", input: { c: 1 } },
      ],
      ['thinking(hm)@/0/thinking | {"signature":"s"} call(bash {"c":1}) | {"id":"t1"}'],
    ],
    [
      "OpenAI Responses output",
      [
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "a" }] },
        { type: "function_call", name: "f", arguments: "{}", call_id: "c" },
      ],
      ["assistant: text(a)@/0/content/0/text", 'call(f "{}") | {"call_id":"c"}'],
    ],
    [
      "chat messages",
      [
        { role: "system", content: "s" },
        { role: "user", content: "u" },
      ],
      ["system: text(s)@/0/content", "user: text(u)@/1/content"],
    ],
    [
      "a chat message with tool calls",
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: '{"a":1}' } }],
      },
      ['assistant: call(f "{\\"a\\":1}") | {"id":"c"}'],
    ],
    [
      "a chat completion",
      {
        id: "x",
        choices: [{ index: 0, message: { role: "assistant", content: "a" }, finish_reason: "stop" }],
      },
      ['assistant: text(a)@/choices/0/message/content | {"finish_reason":"stop"}', '| {"id":"x"}'],
    ],
    [
      "a request",
      { model: "m", messages: [{ role: "user", content: "u" }] },
      ["user: text(u)@/messages/0/content", '| {"model":"m"}'],
    ],
    [
      "Gemini content",
      { role: "model", parts: [{ text: "a" }, { functionCall: { name: "f", args: { x: 1 } } }] },
      ['model: text(a)@/parts/0/text call(f {"x":1})'],
    ],
    [
      "a Gemini function response",
      [{ functionResponse: { name: "f", response: { result: "r" } } }],
      ['result(value({"result":"r"}))'],
    ],
    [
      "OpenTelemetry messages",
      [
        {
          role: "assistant",
          parts: [
            { type: "text", content: "a" },
            { type: "tool_call", id: "c", name: "f", arguments: { x: 1 } },
          ],
          finish_reason: "stop",
        },
      ],
      ['assistant: text(a)@/0/parts/0/content call(f {"x":1}) | {"id":"c"} | {"finish_reason":"stop"}'],
    ],
    [
      "an OpenTelemetry tool response",
      [{ role: "tool", parts: [{ type: "tool_call_response", id: "c", response: "r" }] }],
      ['tool: result(text(r)@/0/parts/0/response) | {"id":"c"}'],
    ],
    [
      "AI SDK tool content",
      [
        {
          role: "tool",
          content: [
            { type: "tool-result", toolCallId: "c", toolName: "f", output: { type: "text", value: "r" } },
          ],
        },
      ],
      ['tool: result(text(r)@/0/content/0/output/value) | {"toolCallId":"c"}'],
    ],
    [
      "an AI SDK error",
      [{ type: "tool-result", toolName: "f", output: { type: "error-text", value: "no" } }],
      ["result!(text(no)@/0/output/value)"],
    ],
    [
      "LangChain messages",
      [
        {
          lc: 1,
          type: "constructor",
          id: ["langchain_core", "messages", "HumanMessage"],
          kwargs: { content: "u" },
        },
      ],
      ["user: text(u)@/0/kwargs/content"],
    ],
    [
      "a LangChain prompt",
      {
        messages: [
          [
            { lc: 1, type: "constructor", id: ["messages", "SystemMessage"], kwargs: { content: "s" } },
            { lc: 1, type: "constructor", id: ["messages", "HumanMessage"], kwargs: { content: "u" } },
          ],
        ],
      },
      ["system: text(s)@/messages/0/0/kwargs/content", "user: text(u)@/messages/0/1/kwargs/content"],
    ],
    [
      "a LangChain result",
      {
        generations: [
          [
            {
              text: "a",
              generation_info: { finish_reason: "stop" },
              message: {
                lc: 1,
                type: "constructor",
                id: ["messages", "AIMessage"],
                kwargs: { content: "a" },
              },
            },
          ],
        ],
        run: null,
        type: "LLMResult",
      },
      [
        'assistant: text(a)@/generations/0/0/message/kwargs/content | {"generation_info":{"finish_reason":"stop"}}',
        '| {"type":"LLMResult"}',
      ],
    ],
    [
      "an OpenAI response that only calls a tool",
      { object: "response", output: [{ type: "function_call", name: "f", arguments: "{}", call_id: "c" }] },
      ['call(f "{}") | {"call_id":"c"}', '| {"object":"response"}'],
    ],
    [
      "a Gemini request",
      { model: "m", contents: [{ role: "user", parts: [{ text: "u" }] }] },
      ["user: text(u)@/contents/0/parts/0/text", '| {"model":"m"}'],
    ],
    [
      "calls in the telemetry of the AI SDK",
      [{ toolCallId: "c", toolName: "f", input: '{"a":1}' }],
      ['call(f "{\\"a\\":1}") | {"toolCallId":"c"}'],
    ],
    [
      "results in the telemetry of the AI SDK",
      [{ toolCallId: "c", toolName: "f", output: "r" }],
      ['result(text(r)@/0/output) | {"toolCallId":"c"}'],
    ],
    [
      "unknown fields in a function and around a resource",
      [
        { type: "function", id: "c", function: { name: "f", arguments: "{}", strict: true } },
        { type: "resource", resource: { uri: "file:///a", text: "x" }, annotations: { priority: 1 } },
      ],
      [
        'call(f "{}") | {"strict":true,"id":"c"} text(x)@/1/resource/text | {"uri":"file:///a","annotations":{"priority":1}}',
      ],
    ],
    [
      "LangChain messages in the short form",
      [
        { type: "human", content: "u" },
        { type: "ai", content: "a" },
      ],
      ["user: text(u)@/0/content", "assistant: text(a)@/1/content"],
    ],
    [
      "reasoning of OpenAI",
      [
        { type: "reasoning", summary: [{ type: "summary_text", text: "hm" }] },
        { type: "message", role: "assistant", content: [] },
      ],
      ["thinking(hm)@/", "assistant:"],
    ],
    [
      "content of Bedrock",
      [
        { reasoningContent: { reasoningText: { text: "hm", signature: "s" } } },
        { text: "a" },
        { toolUse: { toolUseId: "t", name: "f", input: { x: 1 } } },
        { toolResult: { toolUseId: "t", status: "error", content: [{ text: "no" }, { json: { n: 1 } }] } },
        { image: { format: "png", source: { bytes: PNG } } },
        { document: { format: "pdf", name: "report", source: { bytes: "JVBERi0" } } },
      ],
      [
        [
          'thinking(hm)@/0/reasoningContent/reasoningText/text | {"signature":"s"} text(a)@/1/text',
          'call(f {"x":1}) | {"toolUseId":"t"}',
          'result!(text(no)@/3/toolResult/content/0/text, value({"n":1})) | {"toolUseId":"t"}',
          'image(png) file(report) | {"source":{"bytes":"JVBERi0"}}',
        ].join(" "),
      ],
    ],
    [
      "a response of Bedrock",
      { output: { message: { role: "assistant", content: [{ text: "a" }] } }, stopReason: "end_turn" },
      ["assistant: text(a)@/output/message/content/0/text", '| {"stopReason":"end_turn"}'],
    ],
    [
      "code that Gemini ran",
      [
        { executableCode: { language: "PYTHON", code: "1" } },
        { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1" } },
        { fileData: { mimeType: "image/png", fileUri: "https://a.example/x" } },
      ],
      [
        'call(python "1") result(text(1)@/1/codeExecutionResult/output) | {"outcome":"OUTCOME_OK"} file(https://a.example/x)',
      ],
    ],
    [
      "the parts of an AI SDK message",
      {
        ...{ id: "m", role: "assistant" },
        parts: [
          { type: "step-start" },
          { type: "text", text: "a", state: "done" },
          {
            type: "tool-getWeather",
            toolCallId: "c",
            state: "output-available",
            input: { q: 1 },
            output: "sun",
          },
          { type: "tool-fail", toolCallId: "d", state: "output-error", input: {}, errorText: "no" },
          { type: "source-url", sourceId: "s", url: "https://a.example/", title: "A" },
        ],
      },
      [
        [
          'assistant: value({"type":"step-start"}) text(a)@/parts/1/text | {"state":"done"}',
          'result(call(getWeather {"q":1}) | {"toolCallId":"c"}, text(sun)@/parts/2/output)',
          'result!(call(fail {}) | {"toolCallId":"d"}, text(no)@/parts/3/errorText)',
          'file(A https://a.example/) | {"sourceId":"s"} | {"id":"m"}',
        ].join(" "),
      ],
    ],
    [
      "the output of Responses with built-in tools",
      {
        output: [
          { type: "web_search_call", id: "w", action: { type: "search", query: "q" } },
          { type: "code_interpreter_call", code: "1 + 1", outputs: [] },
          { type: "shell_call_output", call_id: "c", output: "x" },
          { type: "mcp_list_tools", server_label: "s" },
          { type: "message", role: "assistant", content: [{ type: "output_text", text: "a" }] },
        ],
      },
      [
        'call(web_search_call {"type":"search","query":"q"}) | {"id":"w"}',
        'call(code_interpreter_call "1 + 1")',
        'result(text(x)@/output/2/output) | {"call_id":"c"}',
        'value({"type":"mcp_list_tools","server_label":"s"})',
        "assistant: text(a)@/output/4/content/0/text",
      ],
    ],
    [
      "what a chat message thought, called and drew",
      {
        role: "assistant",
        content: null,
        reasoning_content: "hm",
        function_call: { name: "f", arguments: "{}" },
        images: [{ type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } }],
      },
      ['assistant: thinking(hm)@/reasoning_content image(png) call(f "{}")'],
    ],
    [
      "a refusal, and the transcript of spoken audio",
      [
        { role: "assistant", content: null, refusal: "I can't." },
        { role: "assistant", content: null, audio: { id: "a", data: "UklG", transcript: "Hello" } },
      ],
      [
        "assistant: text(I can't.)@/0/refusal",
        'assistant: text(Hello)@/1/audio/transcript | {"audio":{"id":"a","data":"UklG"}}',
      ],
    ],
    [
      "the text of a document",
      [{ type: "document", title: "D", source: { type: "text", media_type: "text/plain", data: "body" } }],
      ['text(body)@/0/source/data | {"title":"D","media_type":"text/plain"}'],
    ],
    [
      "pictures elsewhere, without loading them",
      [
        { type: "image", source: { type: "url", url: "https://a.example/x.png" } },
        { type: "image_url", image_url: { url: "https://a.example/y.png", detail: "low" } },
        { type: "input_image", file_id: "file-1" },
      ],
      ['file(image) file(image) | {"detail":"low"} file(image)'],
    ],
    [
      "unknown blocks in the content of a message",
      [
        {
          role: "user",
          content: [
            { type: "text", text: "a" },
            { type: "hologram", data: 1 },
          ],
        },
      ],
      ['user: text(a)@/0/content/0/text value({"type":"hologram","data":1})'],
    ],
    [
      "an MCP result with a block that isn't known",
      {
        content: [
          { type: "text", text: "a" },
          { type: "hologram", data: 1 },
        ],
        isError: true,
      },
      ['ERROR text(a)@/content/0/text value({"type":"hologram","data":1})'],
    ],
    ["an empty result", { content: [], isError: false }, [""]],
  ])("reads %s", (_name, value, expected) => {
    expect(shape(value)).toEqual(expected)
  })

  test.each([
    ["strings", ["a", "b"]],
    ["rows", [{ type: "dog", name: "x" }]],
    ["blocks mixed with other values", [{ type: "text", text: "a" }, { id: 1 }]],
    ["an object with content", { content: "a", title: "b" }],
    ["OpenHands' output of a process", { observation: "run", content: "a", extras: { exit_code: 0 } }],
    ["outputs of other kinds", { outputs: [{ output_type: "hologram" }] }],
    ["a list of parts that aren't content", { parts: [{ id: 1 }] }],
    ["an object with a role", { role: "admin", name: "x" }],
    ["an object with text", { text: "a" }],
    ["an empty list", []],
    ["text", "a"],
    ["null", null],
  ])("returns undefined for %s", (_name, value) => {
    expect(readMessages(value)).toBeUndefined()
  })
})

test("messagesText returns the displayed text, unless there is more than text", () => {
  const textOf = (value: unknown) => messagesText(readMessages(value) ?? [])
  expect(
    textOf([
      { type: "text", text: "a" },
      { type: "text", text: "b\nc" },
    ]),
  ).toBe("a\nb\nc")
  expect(textOf([{ type: "text", text: "a", annotations: [1] }])).toBeUndefined()
  expect(textOf([{ type: "image", mimeType: "image/png", data: PNG }])).toBeUndefined()
})
