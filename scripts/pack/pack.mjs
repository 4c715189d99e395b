// `npm run pack`: builds the packages in `dist/`.
import { execFileSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { ensureBuild, ensureDependencies, ensurePythonClient, fail, ROOT, say } from "../setup.mjs"
import { packPython } from "./packPython.mjs"

await ensureDependencies()
await ensurePythonClient()
await ensureBuild()
const agent = join(ROOT, "build/packages/turnline-agent.tgz")
if (!existsSync(agent)) fail("turnline-agent couldn't be packed. The message above says why.")
const { buildServerPackage } = await import("./packServer.mjs")
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"))
const dist = join(ROOT, "dist")
rmSync(dist, { recursive: true, force: true })
mkdirSync(dist, { recursive: true })

copyFileSync(agent, join(dist, `turnline-agent-${version}.tgz`))
say("Packing turnline …")
npmPack(await buildServerPackage(version))
say("Packing the Python packages …")
packPython(dist)

function npmPack(folder) {
  execFileSync("npm", ["pack", "--silent", "--pack-destination", dist], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  })
}
