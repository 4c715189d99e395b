// Runs the long fault tests against the built product. With `--cluster`, runs the fault tests of several nodes on
// PostgreSQL:
// `node scripts/faults.mjs [--cluster] [T1 …] [--rounds 200] [--minutes 1] [--seed n] [--list]`.
import { spawn } from "node:child_process"
import { join } from "node:path"
import { ensureBuild, ensureDependencies, ensurePostgres, ROOT } from "./setup.mjs"

await ensureDependencies()
const isCluster = process.argv.includes("--cluster")
if (isCluster) await ensurePostgres()
else if (!process.argv.includes("--as-built")) await ensureBuild()
const args = process.argv.slice(2).filter((arg) => arg !== "--as-built" && arg !== "--cluster")
const entry = isCluster ? "e2e/cluster/main.ts" : "e2e/faults/main.ts"
const child = spawn(process.execPath, ["--import", "tsx", join(ROOT, entry), ...args], {
  cwd: ROOT,
  stdio: "inherit",
})
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal))
child.on("exit", (code) => process.exit(code ?? 1))
