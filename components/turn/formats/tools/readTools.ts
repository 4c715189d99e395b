import { isFields, otherFields, textAt } from "@/components/turn/formats/blocks/Block"

/** The definition of a tool, as sent to a model. */
export type ToolDefinition = {
  readonly name: string
  readonly description: string | undefined
  /** The names of the parameters. Optional ones end with a question mark. */
  readonly parameters: readonly string[]
  /** The definition, without what is shown. */
  readonly rest: Readonly<Record<string, unknown>>
}

/** Keys of objects that contain a definition. */
const HOLDERS = ["function", "toolSpec"]
const LIST_KEYS = ["tools", "functions", "functionDeclarations", "function_declarations"]
const SCHEMA_KEYS = ["parameters", "input_schema", "inputSchema", "parametersJsonSchema", "args_schema"]
const MAX_TOOLS = 500

/**
 * Reads the definitions of tools in the formats of OpenAI, Anthropic, Gemini, Bedrock and MCP: a list of them, or an
 * object with only such a list. Returns undefined for any other value.
 */
export function readTools(value: unknown): readonly ToolDefinition[] | undefined {
  if (Array.isArray(value)) {
    const tools = value.length <= MAX_TOOLS ? value.flatMap((item) => readItem(item)) : []
    return tools.length > 0 && tools.every((tool) => tool !== undefined) ? tools : undefined
  }
  if (!isFields(value)) return undefined
  const key = LIST_KEYS.find((one) => Array.isArray(value[one]))
  const isOnly = key !== undefined && Object.keys(otherFields(value, [key, "nextCursor"])).length === 0
  return isOnly && !Object.hasOwn(value, "nextCursor") ? readTools(value[key]) : undefined
}

function readItem(item: unknown): readonly (ToolDefinition | undefined)[] {
  if (isFields(item) && !Object.hasOwn(item, "name")) {
    const nested = LIST_KEYS.some((key) => Array.isArray(item[key])) ? readTools(item) : undefined
    if (nested !== undefined) return nested
  }
  return [readTool(item)]
}

function readTool(item: unknown): ToolDefinition | undefined {
  if (!isFields(item)) return undefined
  const holder = HOLDERS.find((key) => isFields(item[key]))
  const held = holder === undefined ? item : item[holder]
  const fields = isFields(held) ? held : item
  const name = textAt(fields, "name")?.text
  const schema = schemaOf(fields)
  if (name === undefined || schema === undefined) return undefined
  const required = Array.isArray(schema.required) ? schema.required : []
  const properties = isFields(schema.properties) ? Object.keys(schema.properties) : []
  return {
    name,
    description: textAt(fields, "description")?.text,
    parameters: properties.map((key) => (required.includes(key) ? key : `${key}?`)),
    rest: {
      ...otherFields(item, ["type", holder ?? "", ...SHOWN]),
      ...otherFields(fields, ["type", ...SHOWN]),
    },
  }
}
const SHOWN = ["name", "description"]

/** Returns the JSON schema of a tool's parameters. */
function schemaOf(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  for (const key of SCHEMA_KEYS) {
    const value = fields[key]
    const schema = isFields(value) && isFields(value.json) ? value.json : value
    if (isFields(schema) && (isFields(schema.properties) || /^object$/i.test(String(schema.type))))
      return schema
  }
  return undefined
}
