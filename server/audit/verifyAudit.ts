import { createReadStream, existsSync } from "node:fs"
import { createInterface } from "node:readline"
import { auditFile, firstSeqOf, fullFiles } from "./auditFiles"
import { lineHash, NO_LINE, readLine } from "./auditLine"

/** Whether a log is whole: how much there is of it, and where it is broken, if it is. */
export type AuditReport = {
  lines: number
  /** Times of the first and the last line. */
  from?: string
  to?: string
  /** Of the last line: noted elsewhere, it proves later that nothing was taken from the end. */
  lastHash: string
  broken?: { file: string; line: number; why: string }
}

/** Follows the chain of a data directory's audit log through all its files. A line that was changed or taken out breaks it. */
export async function verifyAudit(dir: string): Promise<AuditReport> {
  const full = fullFiles(dir)
  const verdict: AuditReport = { lines: 0, lastHash: NO_LINE }
  // The oldest file that is kept names its first line: what was before it was let go.
  const first = full[0] === undefined ? 1 : firstSeqOf(full[0])
  let seq = first - 1
  for (const file of [...full, ...(existsSync(auditFile(dir)) ? [auditFile(dir)] : [])]) {
    let number = 0
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: 0 })) {
      number += 1
      const read = readLine(line)
      const prev = verdict.lines === 0 && first > 1 ? undefined : verdict.lastHash
      const why = breakBefore(read, seq, prev)
      if (why !== undefined || read === undefined)
        return { ...verdict, broken: { file, line: number, why: why ?? "" } }
      verdict.lines += 1
      verdict.from ??= read.at
      verdict.to = read.at
      verdict.lastHash = lineHash(line)
      seq = read.seq
    }
  }
  return verdict
}

function breakBefore(
  read: ReturnType<typeof readLine>,
  seq: number,
  prev: string | undefined,
): string | undefined {
  if (read === undefined) return "it is no line of an audit log"
  if (read.seq !== seq + 1) return `line ${seq + 1} is missing before it`
  return prev === undefined || read.prev === prev ? undefined : "the line before it was changed"
}
