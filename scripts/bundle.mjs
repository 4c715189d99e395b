import { existsSync } from "node:fs"
import { mkdir, readFile, rename, writeFile } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { build, context, stop } from "esbuild"

const root = fileURLToPath(new URL("..", import.meta.url))

/** The programs of the server, bundled separately. Those whose source is missing are skipped. */
const ENTRIES = {
  "main.js": "server/app/main.ts",
  "sqliteWorker.js": "server/store/sqlite/sqliteWorker.ts",
  "turnline.js": "cli/main.ts",
  "demo.js": "demo/main.ts",
}

/**
 * Bundles the server into a folder; unchanged files are left untouched, others replaced atomically.
 * Returns the sources that went in, and the errors by output; rejects for none of them.
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

/** Bundles the server into a folder; rejects if any of its programs does not build. */
export async function bundleServer(outDir) {
  const { errors } = await tryBundleServer(outDir)
  // esbuild's service is a separate process that would live as long as this one.
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

/** Bundles into a folder now and at each change of a source, and calls `built` after every time that it built. */
export async function watchServer(outDir, built) {
  const entryPoints = Object.entries(ENTRIES).map(([output, entry]) => ({
    in: entry,
    out: output.replace(/\.js$/, ""),
  }))
  const tell = {
    name: "tell",
    setup: ({ onEnd }) => onEnd(({ errors }) => (errors.length === 0 ? built() : undefined)),
  }
  const watching = await context({
    ...OPTIONS,
    entryPoints,
    outdir: resolve(outDir),
    plugins: [tell],
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
