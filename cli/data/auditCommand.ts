import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { programName } from "@/cli/programName"
import { auditFile, fullFiles } from "@/server/audit/auditFiles"
import { verifyAudit } from "@/server/audit/verifyAudit"
import { readDataDir } from "@/server/platform/Config"

const usage = () => `Usage: ${programName("audit")} [folder] [--json]

Verifies the audit log of the data directory, or of a backup in another folder.
`

/** `turnline audit`: verifies the hash chain of an audit log. */
export async function run(args: string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(usage())
    return 0
  }
  const folders = args.filter((arg) => arg !== "--json")
  const [folder] = folders
  const dir = folder === undefined ? readDataDir(process.env) : resolve(folder)
  if (folders.length > 1 || !existsSync(dir)) return fail(usage().trimEnd())
  // A log that was removed entirely must not count as intact.
  if (!existsSync(auditFile(dir)) && fullFiles(dir).length === 0) return fail(`${dir} contains no audit log.`)
  const report = await verifyAudit(dir)
  if (args.includes("--json")) {
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
    return report.broken === undefined ? 0 : 1
  }
  const { lines, from, to, lastHash, broken } = report
  const span = from === undefined ? "" : ` from ${from} to ${to}`
  if (broken !== undefined)
    return fail(`Broken at ${broken.file}:${broken.line}: ${broken.why}. Before it: ${lines} lines${span}.`)
  process.stdout.write(`Intact: ${lines} lines${span}.\nHash of the last line: ${lastHash}\n`)
  return 0
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`)
  return 1
}
