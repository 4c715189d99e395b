import { spawn } from "node:child_process"
import { ROOT } from "./buildFolder.mjs"

/** Prints progress to standard error, because standard output is for the product's own output. */
export function say(text) {
  process.stderr.write(`${text}\n`)
}

/**
 * Runs a command in the project's folder. Its output goes to standard error; `quiet` shows it only if the command
 * fails.
 */
export function run(command, args, { env = {}, quiet = true } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...env },
      stdio: ["ignore", quiet ? "pipe" : 2, quiet ? "pipe" : 2],
    })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (output += data))
    child.on("error", (error) => resolve({ code: 1, output: String(error) }))
    child.on("close", (code) => resolve({ code: code ?? 1, output }))
  })
}

/** Returns the command that runs npm: the npm that started this script, or else the one on the path. */
export const npm = (args) =>
  process.env.npm_execpath ? [process.execPath, [process.env.npm_execpath, ...args]] : ["npm", args]
