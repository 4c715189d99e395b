// Packs the clients into a folder, for the server to hand out: `node scripts/pack/packClients.mjs <folder>`. If packing
// one client fails, the other client is packed anyway, and the exit code is 1.
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, renameSync } from "node:fs"
import { join, resolve } from "node:path"
import { npm, ROOT, say } from "../setup.mjs"
import { packWheel } from "./packWheel.mjs"

const folder = resolve(process.argv[2] ?? join(ROOT, "build/packages"))
mkdirSync(folder, { recursive: true })
for (const pack of [packAgent, packWheel])
  try {
    await pack(folder)
  } catch (error) {
    say(String(error))
    process.exitCode = 1
  }

/** Packs `turnline-agent`. The file's name has no version, so the command that installs it is always the same. */
async function packAgent(outDir) {
  const { buildAgentPackage } = await import("./packAgent.mjs")
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"))
  const built = await buildAgentPackage(version)
  const [command, args] = npm(["pack", "--silent", "--pack-destination", outDir])
  execFileSync(command, args, { cwd: built, stdio: ["ignore", "ignore", "inherit"] })
  renameSync(join(outDir, `turnline-agent-${version}.tgz`), join(outDir, "turnline-agent.tgz"))
}
