import { messagesText, readMessages } from "@/components/turn/formats/blocks/readMessages"
import { formatInput } from "@/components/turn/formats/formatInput"
import { isBranchValue } from "@/components/turn/formats/json/findInJson"
import { printJson } from "@/components/turn/formats/json/parseJson"
import { turnSections } from "@/components/turn/turnSections"
import type { RunTurn } from "@/lib/protocol/turn"
import { lineDiff } from "@/lib/timeline/compare/lineDiff"
import { stripAnsi } from "@/lib/trace/stripAnsi"

/** A field in which two turns differ, with a unified diff. */
export type DifferentField = { field: keyof RunTurn; name: string; diff: string }

/** Compares the fields that at least one of two turns has. `same` lists the names of the identical fields. */
export function differentFields(a: RunTurn, b: RunTurn): { different: DifferentField[]; same: string[] } {
  const names = new Map<keyof RunTurn, string>()
  const textsOf = (turn: RunTurn) => {
    const texts = new Map<keyof RunTurn, string>()
    for (const { field, name, value } of turnSections(turn, "chronological")) {
      names.set(field, name)
      texts.set(field, asText(value))
    }
    if (turn.error !== undefined) {
      names.set("error", "Error")
      const { type, message } = turn.error
      texts.set("error", type === undefined ? message : `${type}: ${message}`)
    }
    return texts
  }
  const [textsA, textsB] = [textsOf(a), textsOf(b)]
  const different: DifferentField[] = []
  const same: string[] = []
  for (const [field, name] of names) {
    const diff = diffOf(textsA.get(field), textsB.get(field))
    if (diff === "") same.push(name)
    else different.push({ field, name, diff })
  }
  return { different, same }
}

/** Like `lineDiff`, but a missing string has no lines, while an empty string has one. */
function diffOf(a: string | undefined, b: string | undefined): string {
  if (a !== undefined && b !== undefined) return lineDiff(a, b)
  const lines = (a ?? b ?? "").split("\n")
  const head = a === undefined ? `@@ -0,0 +1,${lines.length} @@` : `@@ -1,${lines.length} +0,0 @@`
  return [head, ...lines.map((text) => (a === undefined ? "+" : "-") + text)].join("\n")
}

/**
 * Converts a value to text, without terminal colors. Content that consists only of text becomes that text; other JSON
 * is printed with sorted keys.
 */
function asText(value: unknown): string {
  const input = formatInput(value, "output")
  if (input.json === undefined) return stripAnsi(input.text)
  const messages = readMessages(input.json)
  const content = messages === undefined ? undefined : messagesText(messages)
  return content === undefined ? printJson(normalized(input.json)) : stripAnsi(content)
}

function normalized(value: unknown): unknown {
  if (typeof value === "string") return stripAnsi(value)
  if (Array.isArray(value)) return value.map(normalized)
  if (!isBranchValue(value)) return value
  const fields = Object.entries(value).map(([key, item]): [string, unknown] => [key, normalized(item)])
  return Object.fromEntries(fields.sort(([x], [y]) => (x < y ? -1 : 1)))
}
