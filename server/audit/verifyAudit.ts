import { createReadStream, existsSync } from "node:fs"
import { createInterface } from "node:readline"
import { auditFile, firstSeqOf, fullFiles } from "./auditFiles"
import { FIRST_PREV, lineHash, readLine } from "./auditLine"

/** The result of verifying a log: its size and, if its chain is broken, where. */
export type AuditReport = {
  lines: number
  /** Times of the first and the last line. */
  from?: string
  to?: string
  /** The hash of the last line. If it is recorded elsewhere, it can prove later that no line was removed from the end. */
  lastHash: string
  broken?: { file: string; line: number; why: string }
}

/**
 * Verifies the hash chain of a data directory's audit log across all its files. A changed or removed line breaks the
 * chain.
 */
export async function verifyAudit(dir: string): Promise<AuditReport> {
  const full = fullFiles(dir)
  const report: AuditReport = { lines: 0, lastHash: FIRST_PREV }
  // The first line's number is in the name of the oldest file. Earlier files were deleted because of the size limit.
  const first = full[0] === undefined ? 1 : firstSeqOf(full[0])
  let seq = first - 1
  for (const file of [...full, ...(existsSync(auditFile(dir)) ? [auditFile(dir)] : [])]) {
    let number = 0
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: 0 })) {
      number += 1
      const read = readLine(line)
      const prev = report.lines === 0 && first > 1 ? undefined : report.lastHash
      const why = findBreak(read, seq, prev)
      if (why !== undefined || read === undefined)
        return { ...report, broken: { file, line: number, why: why ?? "" } }
      report.lines += 1
      report.from ??= read.at
      report.to = read.at
      report.lastHash = lineHash(line)
      seq = read.seq
    }
  }
  return report
}

function findBreak(
  read: ReturnType<typeof readLine>,
  seq: number,
  prev: string | undefined,
): string | undefined {
  if (read === undefined) return "it isn't an audit log line"
  if (read.seq !== seq + 1) return `line ${seq + 1} is missing before it`
  return prev === undefined || read.prev === prev ? undefined : "the previous line was changed"
}
