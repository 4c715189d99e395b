import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { auditFile, fullFiles } from "@/server/audit/auditFiles"
import { verifyAudit } from "@/server/audit/verifyAudit"
import { readDataDir } from "@/server/platform/Config"

/** `npm run audit [-- <folder>]`: follows the chain of a data directory's, or a backup's, audit log. */
process.exitCode = await run(process.argv.slice(2))

async function run(args: string[]): Promise<number> {
  const dir = args[0] === undefined ? readDataDir(process.env) : resolve(args[0])
  if (args.length > 1 || !existsSync(dir)) return complain("npm run audit [-- <folder of an audit log>]")
  // Without a log nothing is proved; one that was taken away whole must not look well.
  if (!existsSync(auditFile(dir)) && fullFiles(dir).length === 0)
    return complain(`There is no audit log in ${dir}.`)
  const { lines, from, to, lastHash, broken } = await verifyAudit(dir)
  const span = from === undefined ? "" : ` from ${from} to ${to}`
  if (broken !== undefined)
    return complain(
      `Broken at ${broken.file}:${broken.line}: ${broken.why}. Before it: ${lines} lines${span}.`,
    )
  process.stdout.write(`Whole: ${lines} lines${span}.\nHash of the last line: ${lastHash}\n`)
  return 0
}

function complain(sentence: string): number {
  process.stderr.write(`${sentence}\n`)
  return 1
}
