import { isBranchValue } from "@/components/turn/formats/json/findInJson"

export type Row = Readonly<Record<string, unknown>>

/** Rows with a value for each column, and the fields next to them. */
export type Table = {
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
  /** The key of the rows, if they are in an object. */
  readonly key: string | undefined
  readonly rest: Readonly<Record<string, unknown>>
}

const MAX_COLUMNS = 24
/** Longer lists are shown as a tree, because every row has to be checked for columns. */
const MAX_ROWS = 5_000
const MAX_LIST_CHARS = 80

/**
 * Reads a table: a list of two or more flat objects, such a list in an object (`{ results: […], total }`), or rows as
 * lists with the names of their columns. Returns undefined for any other value.
 */
export function readTable(value: unknown): Table | undefined {
  if (Array.isArray(value)) return tableOf(value, undefined, {}) ?? readHeaded(value)
  if (!isFields(value)) return undefined
  return readColumns(value) ?? readWrapped(value)
}

function isFields(value: unknown): value is Row {
  return isBranchValue(value) && !Array.isArray(value)
}

function tableOf(list: readonly unknown[], key: string | undefined, rest: Row): Table | undefined {
  if (list.length < 2 || list.length > MAX_ROWS) return undefined
  const columns = new Set<string>()
  for (const row of list) {
    if (!isFields(row)) return undefined
    for (const [column, cell] of Object.entries(row)) {
      if (!isCell(cell)) return undefined
      columns.add(column)
    }
  }
  if (columns.size === 0 || columns.size > MAX_COLUMNS) return undefined
  return { columns: [...columns], rows: list.filter(isFields), key, rest }
}

/** Returns true for a scalar, or for a short list of scalars, such as tags. */
function isCell(value: unknown): boolean {
  if (!isBranchValue(value)) return true
  if (!Array.isArray(value) || value.length > MAX_LIST_CHARS || value.some(isBranchValue)) return false
  return value.join(", ").length <= MAX_LIST_CHARS
}

/** Reads an object in which one field is a list of rows. If others are, too, its name must be a usual one. */
function readWrapped(fields: Row): Table | undefined {
  const lists = Object.entries(fields).filter(([, value]) => Array.isArray(value) && value.some(isFields))
  const found = lists.length === 1 ? lists[0] : lists.find(([key]) => [...ROW_KEYS, "results"].includes(key))
  if (found === undefined) return undefined
  const [key, list] = found
  return Array.isArray(list) ? tableOf(list, key, without(fields, [key])) : undefined
}

const ROW_KEYS = ["rows", "data", "values"]

/** Reads `{ columns: ["id", "name"], rows: [[1, "Ada"]] }`. A column may also be an object with a `name`. */
function readColumns(fields: Row): Table | undefined {
  const key = ROW_KEYS.find((one) => Array.isArray(fields[one]))
  const columnsKey = ["columns", "headers"].find((one) => Array.isArray(fields[one]))
  if (key === undefined || columnsKey === undefined) return undefined
  const [lists, names] = [fields[key], fields[columnsKey]]
  if (!Array.isArray(lists) || !Array.isArray(names)) return undefined
  const columns = names.map((name: unknown) => (isFields(name) ? name.name : name))
  const rest = without(fields, [key, ...(names.some(isFields) ? [] : [columnsKey])])
  return fromLists(columns, lists, key, rest)
}

/** Reads a list of lists, the first of which has the names of the columns. */
function readHeaded([head, ...lists]: readonly unknown[]): Table | undefined {
  const hasOther = lists.some((list) => Array.isArray(list) && list.some((cell) => typeof cell !== "string"))
  return Array.isArray(head) && hasOther ? fromLists(head, lists, undefined, {}) : undefined
}

/** Combines the names of columns with rows of the same length. */
export function fromLists(
  columns: readonly unknown[],
  lists: readonly unknown[],
  key: string | undefined,
  rest: Row,
): Table | undefined {
  const names = columns.filter((name): name is string => typeof name === "string" && name !== "")
  const isNamed = names.length === columns.length && new Set(names).size === names.length
  if (!isNamed || names.length < 2 || names.length > MAX_COLUMNS) return undefined
  if (lists.length === 0 || lists.length > MAX_ROWS) return undefined
  const rows: Row[] = []
  for (const list of lists) {
    if (!Array.isArray(list) || list.length !== names.length || !list.every(isCell)) return undefined
    rows.push(Object.fromEntries(names.map((name, at) => [name, list[at]])))
  }
  return { columns: names, rows, key, rest }
}

function without(fields: Row, keys: readonly string[]): Row {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)))
}
