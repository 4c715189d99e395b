import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, relative } from "node:path"
import { build, transform } from "esbuild"
import { ROOT } from "../setup.mjs"

const WORK = join(ROOT, "build/turnline-agent")
const DECLARATIONS = join(ROOT, "build/turnline-agent-declarations")

/** The package's entry points and their sources. */
const ENTRIES = {
  index: "lib/agent/connectAgent.ts",
  "ai-sdk": "lib/agent/adapters/aiSdk.ts",
  langchain: "lib/agent/adapters/langchain.ts",
}

/**
 * Builds the npm package `turnline-agent` from `lib/agent`: ESM, CommonJS and a browser build, with declarations that
 * don't need other packages.
 *
 * @returns the folder to pack
 */
export async function buildAgentPackage(version) {
  rmSync(WORK, { recursive: true, force: true })
  mkdirSync(WORK, { recursive: true })
  const options = {
    absWorkingDir: ROOT,
    entryPoints: Object.entries(ENTRIES).map(([out, entry]) => ({ in: entry, out })),
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    // Node prints the source line of an uncaught error, so lines must be short.
    lineLimit: 120,
    legalComments: "none",
    target: "es2022",
    // Everything else is bundled, so this is the only dependency.
    external: ["socket.io-client"],
    alias: { "@": ROOT.replace(/\/$/, "") },
    logLevel: "error",
  }
  await build({
    ...options,
    platform: "node",
    format: "cjs",
    minifyIdentifiers: true,
    // For stack traces.
    keepNames: true,
    outdir: join(WORK, "cjs"),
    outExtension: { ".js": ".cjs" },
    plugins: [withoutDebug, minifiedScript],
  })
  await build({
    ...options,
    platform: "browser",
    format: "esm",
    minifyIdentifiers: true,
    outdir: join(WORK, "browser"),
    plugins: [browserPlatform],
  })
  for (const name of Object.keys(ENTRIES)) writeEsmWrapper(name)
  buildDeclarations()
  writeFileSync(join(WORK, "package.json"), `${JSON.stringify(manifest(version), null, 2)}\n`)
  cpSync(join(ROOT, "packages/agent/README.md"), join(WORK, "README.md"))
  cpSync(join(ROOT, "LICENSE"), join(WORK, "LICENSE"))
  return WORK
}

/**
 * In Node, the ESM entry points re-export the CommonJS ones. With two copies of the code, an agent created with one
 * copy wouldn't be an instance of the other copy's class.
 */
function writeEsmWrapper(name) {
  const names = Object.keys(createRequire(import.meta.url)(join(WORK, `cjs/${name}.cjs`)))
  mkdirSync(join(WORK, "esm"), { recursive: true })
  writeFileSync(
    join(WORK, `esm/${name}.js`),
    `import cjs from "../cjs/${name}.cjs"\n\nexport const { ${names.sort().join(", ")} } = cjs\n`,
  )
}

/** Leaves out `debug`, which `https-proxy-agent` imports, to make our package smaller. */
const withoutDebug = {
  name: "without-debug",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^debug$/ }, () => ({ path: "debug", namespace: "without-debug" }))
    onLoad({ filter: /.*/, namespace: "without-debug" }, () => ({
      contents: "module.exports = () => () => {}",
    }))
  },
}

/** Minifies the script that runs in another process. esbuild doesn't minify it, because the script is a string. */
const minifiedScript = {
  name: "minified-script",
  setup({ onLoad }) {
    onLoad({ filter: /\/exitDeliveryScript\.ts$/ }, async ({ path }) => {
      const [, script] = /String\.raw`([^`]+)`/.exec(readFileSync(path, "utf8")) ?? []
      if (script === undefined) throw new Error(`${path} has no script.`)
      const { code } = await transform(script, { minify: true })
      return { contents: `export const EXIT_DELIVERY_SCRIPT = ${JSON.stringify(code)}`, loader: "ts" }
    })
  },
}

/** Browsers have neither proxies nor child processes, so `browserPlatform` replaces `nodePlatform`. */
const browserPlatform = {
  name: "browser-platform",
  setup({ onResolve }) {
    onResolve({ filter: /\/nodePlatform$/ }, () => ({
      path: join(ROOT, "lib/agent/delivery/browserPlatform.ts"),
    }))
  },
}

function manifest(version) {
  const { license, dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"))
  const exportsOf = (name) => ({
    browser: { types: `./types/${name}.d.ts`, default: `./browser/${name}.js` },
    import: { types: `./types/${name}.d.ts`, default: `./esm/${name}.js` },
    require: { types: `./types-cjs/${name}.d.cts`, default: `./cjs/${name}.cjs` },
  })
  return {
    name: "turnline-agent",
    version,
    description: "Sends an AI agent's runs to Turnline, a live trace dashboard",
    license,
    type: "module",
    sideEffects: false,
    engines: { node: ">=18" },
    exports: {
      ...Object.fromEntries(
        Object.keys(ENTRIES).map((name) => [name === "index" ? "." : `./${name}`, exportsOf(name)]),
      ),
      "./package.json": "./package.json",
    },
    main: "./cjs/index.cjs",
    module: "./esm/index.js",
    browser: "./browser/index.js",
    types: "./types/index.d.ts",
    // For TypeScript's older module resolution, which doesn't read `exports`.
    typesVersions: {
      "*": Object.fromEntries(Object.keys(ENTRIES).map((name) => [name, [`./types/${name}.d.ts`]])),
    },
    files: ["browser", "cjs", "esm", "types", "types-cjs"],
    dependencies: { "socket.io-client": dependencies["socket.io-client"] },
  }
}

/** Emits the declarations of the entry points and of all modules that they import, for ESM and CommonJS. */
function buildDeclarations() {
  rmSync(DECLARATIONS, { recursive: true, force: true })
  const config = join(ROOT, "build/tsconfig.agent.json")
  const compilerOptions = {
    ...{
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      stripInternal: true,
      incremental: false,
    },
    ...{ outDir: DECLARATIONS, rootDir: ROOT, paths: { "@/*": [`${ROOT}*`] }, plugins: [], types: [] },
  }
  const files = [...Object.values(ENTRIES), "lib/agent/delivery/proxy-from-env.d.ts"].map((file) =>
    join(ROOT, file),
  )
  writeFileSync(
    config,
    JSON.stringify({ extends: join(ROOT, "tsconfig.json"), compilerOptions, include: [], files }),
  )
  execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", config], {
    stdio: ["ignore", 2, 2],
  })
  mkdirSync(join(WORK, "types"), { recursive: true })
  for (const [name, entry] of Object.entries(ENTRIES)) {
    copyDeclarations(entry.replace(/\.ts$/, ""), name)
    // The ESM declarations re-export the CommonJS ones, like the ESM code.
    writeFileSync(join(WORK, `types/${name}.d.ts`), `export * from "../types-cjs/${name}.cjs"\n`)
  }
}

/**
 * Copies a declaration file and, recursively, those that it imports. Adds the file extensions that Node needs to the
 * imports.
 */
function copyDeclarations(entry, name) {
  const folder = "types-cjs"
  const targetOf = (module) => (module === entry ? name : relative("lib", module))
  const pending = [entry]
  const seen = new Set(pending)
  for (let module = pending.pop(); module !== undefined; module = pending.pop()) {
    const target = join(WORK, folder, targetOf(module))
    const text = readFileSync(join(DECLARATIONS, `${module}.d.ts`), "utf8").replace(
      /from "((?:@\/|\.\.?\/)[^"]+)"/g,
      (_, specifier) => {
        const imported = specifier.startsWith("@/") ? specifier.slice(2) : join(dirname(module), specifier)
        if (!seen.has(imported)) pending.push(imported)
        seen.add(imported)
        const path = relative(dirname(target), join(WORK, folder, targetOf(imported)))
        return `from "${path.startsWith(".") ? path : `./${path}`}.cjs"`
      },
    )
    const foreign = /^(?:import|export)[^"\n]* from "(?!\.)([^"]+)"/m.exec(text)?.[1]
    if (foreign !== undefined) throw new Error(`The declaration of ${module} needs the package ${foreign}.`)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(`${target}.d.cts`, withGlobals(text))
  }
}

/**
 * Declares a global type for projects without the types of the DOM or Node. In other projects, the declarations merge.
 */
function withGlobals(declaration) {
  if (!/\bAbortSignal\b/.test(declaration)) return declaration
  return `${declaration}declare global {\n  interface AbortSignal {}\n}\n`
}
