import { parseArgs } from "node:util"
import { UsageError } from "@/cli/Command"
import { requestServer } from "@/cli/serverAccess"
import { asObject } from "@/lib/dialects/json"
import { type ImportedRun, importSessions, type SessionFile } from "./import/importSessions"
import { postTraces } from "./import/postTraces"
import { type ImportFile, ImportFileError, readImport } from "./import/readImport"

const HELP = `Usage: turnline import <file> … [options]

Imports runs from files (JSON Lines or JSON):

  Turnline exports         a run keeps its id if the server doesn't have it yet
  OTLP                     request bodies, as written by exporters and collectors
  LangSmith                lists of runs
  OpenAI Agents SDK        lists of traces and spans
  sessions                 of Claude Code, Codex, Gemini CLI, Qwen Code and pi

Sessions that were imported or watched before aren't imported twice.

Options:
  --url <url>  the server (TURNLINE_URL, default http://127.0.0.1:3000)
  --json       print a line of JSON for each file

The token comes from TURNLINE_TOKEN, or from agent.token in the data directory.
`

const OPTIONS = {
  url: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const

/** The result for one file: the fields for `--json`, and a message for people. */
type Result = { path: string; fields: object; words: string }

/**
 * `turnline import`: uploads runs from files. The exit code is 1 if any file, or any line in one, couldn't be imported.
 */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (positionals.length === 0) throw new UsageError("Specify at least one file.")
  let failed = false
  const report = (message: string) => {
    failed = true
    process.stderr.write(`${message}\n`)
  }
  const print = ({ path, fields, words }: Result) =>
    process.stdout.write(
      values.json ? `${JSON.stringify({ file: path, ...fields })}\n` : `${path}: ${words}\n`,
    )
  const sessions: SessionFile[] = []
  for (const path of positionals) {
    try {
      const file = await readImport(path)
      if (file.format.name !== "turnline") reportLines(file, report)
      if (isSession(file)) sessions.push(file)
      else print(await importFile(file, values.url))
    } catch (error) {
      if (!(error instanceof ImportFileError)) throw error
      report(error.message)
    }
  }
  if (sessions.length > 0) {
    const runs = await importSessions(sessions, values.url, report)
    for (const file of sessions) {
      const own = runs.filter(({ path }) => path === file.path)
      for (const imported of own) print(resultOf(imported))
      if (own.length === 0) report(`${file.path}: the session has no prompt and no answer.`)
    }
  }
  return failed ? 1 : 0
}

function reportLines({ path, unreadable }: ImportFile, report: (message: string) => void): void {
  for (const line of unreadable.slice(0, 10))
    report(`${path}, line ${line}: this line isn't valid JSON and was skipped.`)
  if (unreadable.length > 10)
    report(`${path}: ${unreadable.length - 10} more lines aren't valid JSON and were skipped.`)
}

function isSession(file: ImportFile): file is SessionFile {
  return "identity" in file.format
}

async function importFile(file: ImportFile, url: string | undefined): Promise<Result> {
  const { path } = file
  if (file.format.name !== "turnline") {
    const words = await postTraces(file, url)
    return { path, fields: { format: file.format.name, records: file.records.length }, words }
  }
  const isDocument = asObject(file.records[0]?.value)?.record === undefined
  const headers = { "content-type": isDocument ? "application/json" : "application/x-ndjson" }
  const init = { method: "POST", body: new Uint8Array(file.body), headers }
  const response = await requestServer(url, "agent", "/api/import", init).catch((error: Error) => {
    throw new ImportFileError(`${path}: ${withLine(error.message, file)}`)
  })
  const reply = (await response.json()) as { run_id: string; turns: number }
  return { path, fields: reply, words: `imported as ${reply.run_id}, ${reply.turns} turns` }
}

/**
 * Replaces the record's number in a server's message with its line number. These numbers differ in files with empty
 * lines. If the file is a list, all records have the same line number, and the message isn't changed.
 */
function withLine(message: string, { records, unreadable }: ImportFile): string {
  const number = Number(/^Record (\d+): /.exec(message)?.[1])
  const lines = [...records.map(({ line }) => line), ...unreadable].sort((a, b) => a - b)
  const line = lines[number - 1]
  return line === undefined || lines[1] === lines[0]
    ? message
    : message.replace(/^Record \d+: /, `line ${line}: `)
}

function resultOf({ path, run_id, agent_id, created }: ImportedRun): Result {
  return {
    path,
    fields: { run_id, agent_id, created },
    words: created ? `imported as ${run_id}` : `already imported as ${run_id}`,
  }
}
