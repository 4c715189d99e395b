import { readdirSync } from "node:fs"
import { join } from "node:path"

const FULL_FILE = /^audit-\d{12}\.log$/

/** The file that lines are appended to. */
export function auditFile(dir: string): string {
  return join(dir, "audit.log")
}

/** The name of a full file: it contains the number of its first line, so that names sort in order. */
export function fullFile(dir: string, firstSeq: number): string {
  return join(dir, `audit-${String(firstSeq).padStart(12, "0")}.log`)
}

/** The full files, oldest first. */
export function fullFiles(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => FULL_FILE.test(name))
    .sort()
    .map((name) => join(dir, name))
}

/** Returns the number of a full file's first line. */
export function firstSeqOf(file: string): number {
  return Number(/(\d{12})\.log$/.exec(file)?.[1] ?? 1)
}
