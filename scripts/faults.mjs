// The long fault runs against the built product: `node scripts/faults.mjs [T1 …] [--rounds 200] [--minutes 1] [--seed n] [--list]`.
import { spawn } from "node:child_process"
import { join } from "node:path"
import { ensureBuild, ensureDependencies, ROOT } from "./setup.mjs"

await ensureDependencies()
if (!process.argv.includes("--as-built")) await ensureBuild()
const args = process.argv.slice(2).filter((arg) => arg !== "--as-built")
const child = spawn(process.execPath, ["--import", "tsx", join(ROOT, "e2e/faults/main.ts"), ...args], {
  cwd: ROOT,
  stdio: "inherit",
})
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal))
child.on("exit", (code) => process.exit(code ?? 1))
