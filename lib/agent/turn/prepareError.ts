import type { Json } from "@/lib/protocol/fields"
import { asText, statedMessage } from "@/lib/protocol/tolerance/values"
import { cutText } from "./cutText"
import { jsonCopy } from "./jsonCopy"
import { messageOf } from "./messageOf"

/** An error in the form in which it is sent: a message and any other known details. */
export type PreparedError = { message: string; [detail: string]: Json }

/** Bounds that keep a deeply wrapped error small. */
const MAX_CAUSES = 8
const MAX_MEMBERS = 16
const MAX_STACK_BYTES = 8 * 1024
const MAX_MESSAGE_BYTES = 64 * 1024

/**
 * Prepares anything that was thrown, or that a caller describes as an error; never throws. Keeps the cause chain, the
 * members of an AggregateError, the stack, and own properties such as `code`.
 */
export function prepareError(raw: unknown): PreparedError {
  return prepare(raw, MAX_CAUSES, new Set())
}

function prepare(raw: unknown, causesLeft: number, seen: Set<unknown>): PreparedError {
  if (typeof raw !== "object" || raw === null) return { message: textOf(raw) }
  seen.add(raw)
  const own = ownDetails(raw)
  const { name, message, type, stack, cause, errors } = readFields(raw)
  const isError = raw instanceof Error
  const error: PreparedError = {
    ...own,
    message: cutText(message ?? (isError ? messageOf(raw) : statedText(raw, own, type)), MAX_MESSAGE_BYTES),
  }
  const kind = type ?? (isError ? name : undefined)
  if (kind !== undefined) error.type = kind
  if (name !== undefined && name !== kind) error.name = name
  if (stack !== undefined) error.stack = cutText(stack, MAX_STACK_BYTES)
  if (cause !== undefined && cause !== null && causesLeft > 0 && !seen.has(cause))
    error.cause = prepare(cause, causesLeft - 1, seen)
  if (Array.isArray(errors) && errors.length > 0)
    error.errors = errors
      .slice(0, MAX_MEMBERS)
      .filter((member) => !seen.has(member))
      .map((member) => prepare(member, Math.min(causesLeft, 2), seen))
  return error
}

/** Returns what a plain object says has happened, or else its JSON. */
function statedText(raw: object, own: Record<string, Json>, type: string | undefined): string {
  return textOf(statedMessage({ ...own, ...(type !== undefined && { type }) }) ?? raw)
}

type ErrorFields = {
  name: string | undefined
  message: string | undefined
  type: string | undefined
  stack: string | undefined
  cause: unknown
  errors: unknown
}

function readFields(raw: object): ErrorFields {
  const read = (field: string): unknown => {
    try {
      return (raw as Record<string, unknown>)[field]
    } catch {
      return undefined
    }
  }
  const text = (field: string) => {
    const value = read(field)
    return value === undefined || value === null || value === "" ? undefined : textOf(value)
  }
  return {
    name: text("name"),
    message: text("message"),
    type: text("type"),
    stack: text("stack"),
    cause: read("cause"),
    errors: read("errors"),
  }
}

const HANDLED = new Set(["name", "message", "type", "stack", "cause", "errors"])

/** Returns an error's own properties, such as `code`, `errno`, `status` or a provider's response body. */
function ownDetails(raw: object): Record<string, Json> {
  const details: Record<string, Json> = {}
  try {
    for (const key of Object.keys(raw)) {
      if (HANDLED.has(key) || key === "__proto__") continue
      const { value, keys, depth } = jsonCopy((raw as Record<string, unknown>)[key])
      if (value !== undefined) details[key] = keys > 200 || depth > 16 ? JSON.stringify(value) : value
    }
  } catch {
    // Properties that throw when read are omitted.
  }
  return details
}

function textOf(raw: unknown): string {
  return asText(jsonCopy(raw).value ?? null)
}
