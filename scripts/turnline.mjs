// `npm run turnline -- <command> …`: installs and builds, then runs the command in this process.
import { fileURLToPath } from "node:url"
import { ensureBuild, ensureDependencies } from "./setup.mjs"

/** Runs a command of `turnline` with the arguments of this process. */
export async function runCommand(...command) {
  await ensureDependencies()
  await ensureBuild()
  process.setSourceMapsEnabled(true)
  process.argv.splice(2, 0, ...command)
  await import("../build/server/turnline.js")
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runCommand()
