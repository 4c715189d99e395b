import { exactNumber } from "@/lib/protocol/exactNumbers"
import { exitCodeOf } from "@/lib/trace/exitCode"

/** A searchable piece of a turn: a string, a number, `true` or `false`, or a field name that the agent chose. */
export type TurnText = { text: string; field: string }

/** Fields that are searched, in the order in which hits are listed. The most important come first. */
const FIELDS = [
  "tool",
  "error",
  "message",
  "thinking",
  "parameters",
  "output",
  "cli_outcome",
  "prompt",
  "model",
  "event",
  "verifier_verdict",
  "attributes",
  "path",
  "call_id",
  "response_id",
  "child_run_id",
] as const
/** Keys of the top-level `error` object that the protocol defines, so they aren't indexed as user-chosen keys. */
const OWN_KEYS: ReadonlySet<string> = new Set(["message", "type"])
const FIELD_CHARS = 256
const IMAGE_TYPES = ["media_type", "mimeType", "mime_type", "mediaType"]
const DATA_URI = /^data:[^,]{0,200};base64,/

type Place = { value: unknown; key: string; parent: Place | undefined }

/**
 * Returns all searchable pieces of a turn, in order, without recursion. Leaves out image data, which would match most
 * short words.
 */
export function* turnTexts(turn: unknown): Generator<TurnText> {
  if (typeof turn !== "object" || turn === null) return
  for (const field of FIELDS) {
    if (Object.hasOwn(turn, field)) yield* textsIn(field, Reflect.get(turn, field))
  }
  const exitCode: unknown = Reflect.get(turn, "exit_code")
  // If the results contain the exit code, a search finds it there.
  if (typeof exitCode === "number" && exitCodeOf(turn) === undefined)
    yield { text: String(exitCode), field: "exit_code" }
}

function* textsIn(field: string, value: unknown): Generator<TurnText> {
  const stack: Place[] = [{ value, key: field, parent: undefined }]
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    const { value: found, key, parent } = place
    if (parent !== undefined && isChosenKey(place)) yield textOf(key, place)
    if (typeof found === "object" && found !== null) pushChildren(stack, found, place)
    else if (typeof found === "string") yield textOf(exactNumber(found) ?? withoutPicture(found), place)
    else if (typeof found === "number" || typeof found === "boolean") yield textOf(String(found), place)
  }
}

function pushChildren(stack: Place[], value: object, parent: Place): void {
  const isImage = IMAGE_TYPES.some((name) => typeof Reflect.get(value, name) === "string")
  const entries = Object.entries(value)
  for (let at = entries.length - 1; at >= 0; at--) {
    const [key, child] = entries[at] ?? ["", undefined]
    if (isImage && key === "data" && typeof child === "string") continue
    stack.push({ value: child, key, parent })
  }
}

function isChosenKey({ key, parent }: Place): boolean {
  if (Array.isArray(parent?.value)) return false
  return !(parent?.parent === undefined && parent?.key === "error" && OWN_KEYS.has(key))
}

function withoutPicture(text: string): string {
  return text.startsWith("data:") ? (DATA_URI.exec(text)?.[0] ?? text) : text
}

function textOf(text: string, place: Place): TurnText {
  return {
    text,
    get field() {
      return pathOf(place)
    },
  }
}

function pathOf(place: Place): string {
  const keys: string[] = []
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) keys.push(at.key)
  const path = keys.reverse().join(".")
  return path.length <= FIELD_CHARS ? path : path.slice(0, FIELD_CHARS).toWellFormed()
}
