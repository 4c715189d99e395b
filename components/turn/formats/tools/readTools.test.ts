import { expect, test } from "vitest"
import { readTools } from "./readTools"

const schema = { type: "object", properties: { city: { type: "string" }, unit: {} }, required: ["city"] }
const named = { name: "weather", description: "Tells the weather" }
const read = { ...named, parameters: ["city", "unit?"] }

test.each([
  ["OpenAI", [{ type: "function", function: { ...named, parameters: schema, strict: true } }], "parameters"],
  ["OpenAI's Responses API", [{ type: "function", ...named, parameters: schema }], "parameters"],
  ["Anthropic", [{ ...named, input_schema: schema }], "input_schema"],
  ["MCP", { tools: [{ ...named, inputSchema: schema }] }, "inputSchema"],
  ["Gemini", { tools: [{ functionDeclarations: [{ ...named, parameters: schema }] }] }, "parameters"],
  ["Bedrock", [{ toolSpec: { ...named, inputSchema: { json: schema } } }], "inputSchema"],
])("reads the definitions of tools for %s", (_name, value, key) => {
  const [tool] = readTools(value) ?? []
  expect(tool).toMatchObject(read)
  expect(tool?.rest).toHaveProperty(key)
})

test("keeps a tool's other fields", () => {
  const [tool] =
    readTools([{ type: "function", id: "t", function: { ...named, parameters: schema, strict: true } }]) ?? []
  expect(tool?.rest).toEqual({ id: "t", parameters: schema, strict: true })
})

test.each([
  ["a call", [{ type: "function", id: "c", function: { name: "f", arguments: "{}" } }]],
  ["a call with parameters", [{ name: "f", parameters: { city: "Oslo" } }]],
  ["a request", { model: "m", tools: [{ ...named, input_schema: schema }] }],
  ["a schema", schema],
  ["an empty list", []],
])("leaves %s", (_name, value) => {
  expect(readTools(value)).toBeUndefined()
})
