import { isFields } from "@/components/turn/formats/blocks/Block"

export type TodoState = "done" | "active" | "open" | "cancelled"
export type Todo = { readonly text: string; readonly state: TodoState; readonly status: string }

/** A list of tasks, and what is next to it. */
export type Todos = {
  readonly items: readonly Todo[]
  /** The other fields of the items, if there are any. */
  readonly details: readonly Readonly<Record<string, unknown>>[]
  readonly rest: Readonly<Record<string, unknown>>
}

const LIST_KEYS = ["todos", "plan", "tasks", "items", "todo_list", "newTodos"]
const TEXT_KEYS = ["content", "step", "title", "task", "text", "description"]
const FLAG_KEYS = ["done", "completed", "checked"]
/** Other fields of tasks. Objects with further fields are rows of data that also have a status. */
const OTHER_KEYS = [
  ...["id", "priority", "activeForm", "active_form", "dependencies", "depends_on", "notes", "position"],
]
const STATES: Readonly<Record<string, TodoState>> = {
  completed: "done",
  complete: "done",
  done: "done",
  in_progress: "active",
  "in-progress": "active",
  active: "active",
  pending: "open",
  todo: "open",
  not_started: "open",
  "not-started": "open",
  blocked: "open",
  cancelled: "cancelled",
  canceled: "cancelled",
}

/**
 * Reads the tasks that coding agents plan, as a list or in an object: `{ todos: [{ content, status }] }`. Returns
 * undefined for any other value.
 */
export function readTodos(value: unknown): Todos | undefined {
  if (Array.isArray(value)) return todosOf(value, {})
  if (!isFields(value)) return undefined
  const key = LIST_KEYS.find((one) => Array.isArray(value[one]))
  const list = key === undefined ? undefined : value[key]
  return Array.isArray(list) ? todosOf(list, without(value, [key ?? ""])) : undefined
}

function todosOf(list: readonly unknown[], rest: Readonly<Record<string, unknown>>): Todos | undefined {
  if (list.length === 0 || list.length > 500) return undefined
  const read = list.map(todoOf)
  if (!read.every((one) => one !== undefined)) return undefined
  const details = read.map((one) => one.others)
  return {
    items: read.map(({ todo }) => todo),
    details: details.some((others) => Object.keys(others).length > 0) ? details : [],
    rest,
  }
}

function todoOf(item: unknown): { todo: Todo; others: Record<string, unknown> } | undefined {
  if (!isFields(item)) return undefined
  const textKey = TEXT_KEYS.find((key) => typeof item[key] === "string")
  const flagKey = FLAG_KEYS.find((key) => typeof item[key] === "boolean")
  const text = textKey === undefined ? undefined : item[textKey]
  if (textKey === undefined || typeof text !== "string") return undefined
  const status = flagKey === undefined ? item.status : item[flagKey] === true ? "done" : "todo"
  if (typeof status !== "string" || !Object.hasOwn(STATES, status)) return undefined
  const others = without(item, [textKey, flagKey ?? "status"])
  if (!Object.keys(others).every((key) => [...OTHER_KEYS, ...TEXT_KEYS].includes(key))) return undefined
  return { todo: { text, status, state: STATES[status] ?? "open" }, others }
}

function without(
  fields: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)))
}
