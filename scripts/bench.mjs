// Bundles the benchmarks and the server from the current sources and runs them: `npm run bench -- [--only row] [--quick] [--list]`.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import { ensureDependencies, ROOT } from "./setup.mjs"

await ensureDependencies()
const folder = join(ROOT, "build", "bench")
await build({
  absWorkingDir: ROOT,
  entryPoints: {
    main: "bench/main.ts",
    load: "bench/load/child.ts",
    bare: "bench/peers/bare.ts",
    product: "bench/peers/product.ts",
    fill: "bench/fill.ts",
    sqliteWorker: "server/store/sqlite/sqliteWorker.ts",
  },
  outdir: folder,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
  alias: { "@": ROOT.replace(/\/$/, "") },
  sourcemap: true,
  logLevel: "error",
})
if (!existsSync(join(folder, "main.js"))) process.exit(1)
const child = spawn(
  process.execPath,
  ["--enable-source-maps", join(folder, "main.js"), ...process.argv.slice(2)],
  {
    stdio: "inherit",
  },
)
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal))
child.on("exit", (code) => process.exit(code ?? 1))
