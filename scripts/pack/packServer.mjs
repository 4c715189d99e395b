import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, relative } from "node:path"
import { nodeFileTrace } from "@vercel/nft"
import { ROOT } from "../setup.mjs"

const WORK = join(ROOT, "build/turnline")
const PROGRAMS = ["turnline.js", "main.js", "sqliteWorker.js", "demo.js"].map(
  (name) => `build/server/${name}`,
)
/** Packages with binaries for each platform. They aren't bundled: npm installs the binaries for the user's platform. */
const INSTALLED = ["libsql"]
/** Traced files that the server never loads: image optimization, development builds, documentation. */
const UNUSED =
  /^node_modules\/(sharp|@img|@libsql|typescript|detect-libc)\/|\.(map|md|d\.ts)$|\.runtime\.dev\.js$|^node_modules\/next\/dist\/(docs|bundles)\//
/** Next resolves all modules mentioned in this file when it reads its settings. Tracing doesn't find these modules. */
const NEXT_ALIASES = "node_modules/next/dist/server/config-utils.js"
/** Files in the build that only its own tools use. */
const BUILD_LEFTOVERS =
  /\.nft\.json$|packages\/stamp$|\.next\/(cache|diagnostics|types|trace|trace-build|turbopack)(\/|$)/

/**
 * Builds the npm package `turnline`: the built server and pages, those files of their dependencies that are used at run
 * time, and the client packages that the server hands out. Run `npm run build` first.
 *
 * @returns the folder to pack
 */
export async function buildServerPackage(version) {
  rmSync(WORK, { recursive: true, force: true })
  mkdirSync(WORK, { recursive: true })
  const packages = copyDependencies(await tracedFiles())
  const filter = (path) => !BUILD_LEFTOVERS.test(relative(ROOT, path))
  for (const path of ["build/server", "build/packages", ".next"])
    cpSync(join(ROOT, path), join(WORK, path), { recursive: true, filter })
  for (const path of ["next.config.js", "LICENSE", "NOTICES.md"]) cpSync(join(ROOT, path), join(WORK, path))
  cpSync(join(ROOT, "packages/turnline"), WORK, { recursive: true })
  chmodSync(join(WORK, "bin/turnline.mjs"), 0o755)
  writeFileSync(join(WORK, "package.json"), `${JSON.stringify(manifest(version, packages), null, 2)}\n`)
  return WORK
}

/** Returns the files of dependencies that the programs and Next's server load, relative to the project's folder. */
async function tracedFiles() {
  const { fileList } = await nodeFileTrace(
    PROGRAMS.filter((path) => existsSync(join(ROOT, path))).map((path) => join(ROOT, path)),
    { base: ROOT, ignore: (path) => /^node_modules\/(next|libsql)\//.test(path) },
  )
  const nextTrace = JSON.parse(readFileSync(join(ROOT, ".next/next-server.js.nft.json"), "utf8"))
  const nextFiles = nextTrace.files.map((path) => relative(ROOT, join(ROOT, ".next", path)))
  const { fileList: entryFiles } = await nodeFileTrace(
    [join(ROOT, "node_modules/next/dist/server/next.js")],
    {
      base: ROOT,
      ignore: (path) => UNUSED.test(path),
    },
  )
  const aliases = readFileSync(join(ROOT, NEXT_ALIASES), "utf8").match(/next\/dist\/compiled\/[^'"]+/g) ?? []
  const { resolve } = createRequire(join(ROOT, "package.json"))
  const resolved = aliases.map((name) => relative(ROOT, resolve(name)))
  const all = new Set([...fileList, ...nextFiles, ...entryFiles, ...resolved])
  return [...all].filter((path) => path.startsWith("node_modules/") && !UNUSED.test(path))
}

/** Copies dependencies. Returns the names of the packages at the top level. */
function copyDependencies(files) {
  const manifests = new Set()
  for (const file of files) {
    if (!existsSync(join(ROOT, file))) continue
    mkdirSync(dirname(join(WORK, file)), { recursive: true })
    cpSync(join(ROOT, file), join(WORK, file), { dereference: true })
    manifests.add(`${/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]}/package.json`)
  }
  // All needed files are included, so the dependencies are removed from the manifests, to keep npm from installing
  // them.
  for (const file of manifests) {
    const { dependencies, optionalDependencies, peerDependencies, devDependencies, scripts, ...rest } =
      JSON.parse(readFileSync(join(ROOT, file), "utf8"))
    writeFileSync(join(WORK, file), JSON.stringify(rest))
  }
  const names = files.map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1])
  return [...new Set(names)].filter((name) => !INSTALLED.includes(name)).sort()
}

function manifest(version, bundled) {
  const { license, description, dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"))
  const versionOf = (name) =>
    JSON.parse(readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8")).version
  return {
    name: "turnline",
    version,
    description,
    license,
    type: "module",
    engines: { node: ">=20.19" },
    bin: { turnline: "bin/turnline.mjs" },
    files: [".next", "bin", "build/packages", "build/server", "next.config.js", "NOTICES.md"],
    dependencies: {
      ...Object.fromEntries(bundled.map((name) => [name, versionOf(name)])),
      ...Object.fromEntries(INSTALLED.map((name) => [name, dependencies[name]])),
    },
    bundleDependencies: bundled,
  }
}
