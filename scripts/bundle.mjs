import { existsSync } from "node:fs"
import { mkdir, readFile, rename, writeFile } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { build, context, stop } from "esbuild"

const root = fileURLToPath(new URL("..", import.meta.url))

/** The programs of the server, bundled separately. Programs whose source is missing are skipped. */
const ENTRIES = {
  "main.js": "server/app/main.ts",
  "sqliteWorker.js": "server/store/sqlite/sqliteWorker.ts",
  "turnline.js": "cli/main.ts",
  "demo.js": "demo/main.ts",
}

/**
 * Bundles the server into a folder. Replaces changed files atomically and doesn't touch the others.
 * Returns the paths of all source files, and the build errors by output file. Doesn't reject after a build error.
 */
export async function tryBundleServer(outDir) {
  const inputs = new Set()
  const errors = {}
  for (const [output, entry] of Object.entries(ENTRIES)) {
    if (!existsSync(join(root, entry))) continue
    try {
      for (const input of await bundleEntry(entry, join(resolve(outDir), output))) inputs.add(input)
    } catch (error) {
      errors[output] = error
    }
  }
  return { inputs: [...inputs], errors }
}

/** Bundles the server into a folder. Rejects if one of its programs doesn't build. */
export async function bundleServer(outDir) {
  const { errors } = await tryBundleServer(outDir)
  // esbuild's process would otherwise run as long as this one.
  await stop()
  const [first] = Object.values(errors)
  if (first !== undefined) throw first
}

const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
  alias: { "@": root.replace(/\/$/, "") },
  sourcemap: true,
}

/** Bundles into a folder now and after each change of a source file. Calls `onBuilt` after each successful build. */
export async function watchServer(outDir, onBuilt) {
  const entryPoints = Object.entries(ENTRIES).map(([output, entry]) => ({
    in: entry,
    out: output.replace(/\.js$/, ""),
  }))
  const reportBuilds = {
    name: "report-builds",
    setup: ({ onEnd }) => onEnd(({ errors }) => (errors.length === 0 ? onBuilt() : undefined)),
  }
  const watching = await context({
    ...OPTIONS,
    entryPoints,
    outdir: resolve(outDir),
    plugins: [reportBuilds],
    logLevel: "error",
  })
  await watching.watch()
  return watching
}

async function bundleEntry(entry, outfile) {
  const { outputFiles, metafile } = await build({
    ...OPTIONS,
    entryPoints: [entry],
    outfile,
    write: false,
    metafile: true,
    logLevel: "silent",
  })
  await mkdir(dirname(outfile), { recursive: true })
  for (const { path, contents } of outputFiles) await replaceFile(path, contents)
  return Object.keys(metafile.inputs)
}

async function replaceFile(path, contents) {
  const before = await readFile(path).catch(() => undefined)
  if (before?.equals(contents)) return
  const unfinished = `${path}.${process.pid}`
  await writeFile(unfinished, contents)
  await rename(unfinished, path)
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await bundleServer(process.argv[2] ?? join(root, "build/server"))
}
