// `npm run pack`: builds the packages in `dist/`.
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { ensureBuild, ensureDependencies, ensurePythonClient, ROOT, say } from "../setup.mjs"
import { packPython } from "./packPython.mjs"

await ensureDependencies()
await ensurePythonClient()
await ensureBuild()
const { buildAgentPackage } = await import("./packAgent.mjs")
const { buildServerPackage } = await import("./packServer.mjs")
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"))
const dist = join(ROOT, "dist")
rmSync(dist, { recursive: true, force: true })
mkdirSync(dist, { recursive: true })

say("Packing turnline-agent …")
npmPack(await buildAgentPackage(version))
say("Packing turnline …")
npmPack(await buildServerPackage(version))
say("Packing the Python package …")
packPython(dist)

function npmPack(folder) {
  execFileSync("npm", ["pack", "--silent", "--pack-destination", dist], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  })
}
