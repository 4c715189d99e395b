import { asNumeric, asText } from "@/lib/dialects/json"
import type { Json } from "@/lib/protocol/fields"
import type { Attributes, OtelSpan } from "./OtelRecord"

/** Returns the first of the named attributes that is set. */
export function pick(attributes: Attributes, ...names: readonly string[]): Json | undefined {
  for (const name of names) {
    const value = attributes[name]
    if (value !== undefined && value !== null) return value
  }
  return undefined
}

export function pickText(attributes: Attributes, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = asText(attributes[name])
    if (text !== undefined) return text
  }
  return undefined
}

export function pickNumber(attributes: Attributes, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const number = asNumeric(attributes[name])
    if (number !== undefined) return number
  }
  return undefined
}

export function hasPrefix(attributes: Attributes, prefix: string): boolean {
  for (const name in attributes) if (name.startsWith(prefix)) return true
  return false
}

/**
 * Rebuilds a nested value from flat names: `a.0.role`, `a.0.parts.1.text` → `[{ role, parts: [{ text }] }]`. If all
 * names on a level are numbers, their values form a list in numeric order, without gaps.
 */
export function unflatten(attributes: Attributes, prefix: string): Json[] {
  const root: Branch = new Map()
  for (const name in attributes) {
    if (!name.startsWith(`${prefix}.`)) continue
    const value = attributes[name]
    if (value !== undefined) place(root, name.slice(prefix.length + 1).split("."), value)
  }
  const list = toJson(root)
  return Array.isArray(list) ? list : []
}

type Branch = Map<string, Branch | { leaf: Json }>

function place(root: Branch, path: readonly string[], leaf: Json): void {
  if (path.length > 24) return
  let branch = root
  for (const name of path.slice(0, -1)) {
    const next = branch.get(name)
    if (next instanceof Map) branch = next
    else {
      const created: Branch = new Map()
      branch.set(name, created)
      branch = created
    }
  }
  const last = path.at(-1)
  if (last !== undefined && !(branch.get(last) instanceof Map)) branch.set(last, { leaf })
}

function toJson(branch: Branch): Json {
  const entries = [...branch].map(([name, value]): [string, Json] => [
    name,
    value instanceof Map ? toJson(value) : value.leaf,
  ])
  if (entries.length > 0 && entries.every(([name]) => /^\d{1,5}$/.test(name)))
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value)
  return Object.assign(Object.create(null), Object.fromEntries(entries)) as { [name: string]: Json }
}

/** Returns the attributes of a span's first event with this name. */
export function eventOf(span: OtelSpan, name: string): Attributes | undefined {
  return span.events.find((event) => event.name === name)?.attributes
}
