import { fromLists, type Table } from "./readTable"

const MAX_CHARS = 2_000_000
const MIN_LINES = 3
/** A field in quotes, in which quotes are doubled, or without quotes. */
const FIELD = /"((?:[^"]|"")*)"|([^"\t,;]*)/y

/**
 * Reads comma-, semicolon- or tab-separated text with a line of column names and at least two more lines. Every line must
 * have the same number of fields. A field can't contain a line break. Returns undefined for any other text.
 */
export function readCsv(text: string): Table | undefined {
  if (text.length > MAX_CHARS) return undefined
  const end = text.indexOf("\n")
  const head = end < 0 ? "" : text.slice(0, end)
  const delimiter = ["\t", ",", ";"].find((one) => head.includes(one))
  if (delimiter === undefined) return undefined
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""))
  while (lines.at(-1) === "") lines.pop()
  if (lines.length < MIN_LINES) return undefined
  const [columns, ...rows] = lines.map((line) => fieldsOf(line, delimiter))
  return columns === undefined ? undefined : fromLists(columns, rows, undefined, {})
}

/** Splits a line. Returns undefined if it isn't a list of fields. */
function fieldsOf(line: string, delimiter: string): string[] | undefined {
  if (!line.includes('"')) return line.split(delimiter)
  const fields: string[] = []
  for (let at = 0; at <= line.length; at++) {
    FIELD.lastIndex = at
    const match = FIELD.exec(line)
    let field = match?.[1]?.replaceAll('""', '"')
    let end = at + (match?.[0].length ?? 0)
    if (field === undefined) {
      const next = line.indexOf(delimiter, at)
      end = next < 0 ? line.length : next
      field = line.slice(at, end)
    }
    if (end < line.length && line[end] !== delimiter) return undefined
    fields.push(field)
    at = end
    if (end === line.length) break
  }
  return fields
}
