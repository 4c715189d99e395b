import { readFile } from "node:fs/promises"
import { asArray, asObject } from "@/lib/dialects/json"
import { parseExact } from "@/lib/protocol/exactNumbers"
import { detectFormat, type ImportFormat } from "./detectFormat"

/** A record and the number of the line on which it starts. */
export type ImportRecord = { line: number; value: unknown }

export type ImportFile = {
  path: string
  format: ImportFormat
  records: ImportRecord[]
  /** The numbers of lines that aren't JSON. */
  unreadable: number[]
  /** The file's bytes, unchanged. */
  body: Buffer
}

/** Thrown for a file that can't be imported. The message starts with the file's name. */
export class ImportFileError extends Error {
  override readonly name = "ImportFileError"
}

const NEWLINE = 0x0a

/**
 * Reads a file and detects which tool wrote it.
 *
 * @throws {ImportFileError} if it can't be read or its format is unknown.
 */
export async function readImport(path: string): Promise<ImportFile> {
  const body = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new ImportFileError(`${path} ${REASONS[error.code ?? ""] ?? `can't be read: ${error.message}`}.`)
  })
  const { records, unreadable } = readDocument(body) ?? readLines(body)
  const [first] = records
  if (first === undefined)
    throw new ImportFileError(
      unreadable[0] === undefined
        ? `${path} is empty.`
        : `${path}, line ${unreadable[0]}: this line isn't valid JSON.`,
    )
  const format = detectFormat(records.slice(0, 50).map(({ value }) => value))
  if (format === undefined)
    throw new ImportFileError(
      `${path}, line ${first.line}: unknown format. Known formats: Turnline exports, OTLP JSON, LangSmith runs, OpenAI Agents SDK traces, and sessions of Claude Code, Codex, Gemini CLI, Qwen Code and pi.`,
    )
  return { path, format, records, unreadable, body }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "doesn't exist",
  EISDIR: "is a folder; specify the files in it",
  EACCES: "can't be read: permission denied",
  ERR_FS_FILE_TOO_LARGE: "is too large: more than 2 GiB",
}

/**
 * Reads a file that is a single JSON value: a list of records, an object that contains such a list, or an object that
 * is the only record. Returns undefined for other files.
 */
function readDocument(body: Buffer): { records: ImportRecord[]; unreadable: number[] } | undefined {
  const beginning = body.subarray(0, 64).toString("utf8")
  const start = beginning.trimStart()
  const line = beginning.slice(0, beginning.length - start.length).split("\n").length
  if (!start.startsWith("{") && !start.startsWith("[")) return undefined
  const end = body.indexOf(NEWLINE)
  // If the first line is a complete value, the file is JSON Lines.
  if (start.startsWith("{") && end > 0 && parse(body.toString("utf8", 0, end)) !== undefined) return undefined
  const document = body.length > MAX_DOCUMENT_BYTES ? undefined : parse(body.toString("utf8").trimStart())
  if (document === undefined) return undefined
  const { runs, data } = asObject(document) ?? {}
  const list = [document, runs, data].find(Array.isArray)
  const values: readonly unknown[] = list === undefined ? [document] : asArray(list)
  return { records: values.map((value) => ({ line, value })), unreadable: [] }
}

const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024

function readLines(body: Buffer): { records: ImportRecord[]; unreadable: number[] } {
  const records: ImportRecord[] = []
  const unreadable: number[] = []
  for (let from = 0, line = 1; from < body.length; line++) {
    const newline = body.indexOf(NEWLINE, from)
    const end = newline < 0 ? body.length : newline
    const text = body
      .toString("utf8", from, end)
      .replace(/^\uFEFF/, "")
      .trim()
    from = end + 1
    if (text === "") continue
    const value = parse(text)
    if (value === undefined) unreadable.push(line)
    else records.push({ line, value })
  }
  return { records, unreadable }
}

/** Parses JSON. Returns undefined for invalid text. */
function parse(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    return undefined
  }
}
