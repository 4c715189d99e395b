import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import { zipSync } from "fflate"
import { ROOT } from "../setup.mjs"

const CLIENT = join(ROOT, "clients/python")
/** Regular files that everybody may read, from a Unix system, all with the earliest date that a zip file can contain. */
const ZIP_OPTIONS = { os: 3, attrs: 0o100644 * 0x10000, mtime: new Date(1980, 0, 1), level: 9 }

/**
 * Builds the Python client's wheel without Python, so that a server can hand it out even if Python isn't installed. A
 * wheel is a zip file with the sources, the license and three files of metadata. The same sources always give the same
 * bytes.
 *
 * @returns the wheel's path
 */
export function packWheel(outDir) {
  const project = readProject(readFileSync(join(CLIENT, "pyproject.toml"), "utf8"))
  const version = pythonVersion(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).version)
  const about = `${project.name}-${version}.dist-info`
  const files = [
    ...sources(join(CLIENT, "src")),
    { name: `${about}/licenses/LICENSE`, content: readFileSync(join(ROOT, "LICENSE")) },
    { name: `${about}/METADATA`, content: Buffer.from(metadata(project, version)) },
    { name: `${about}/WHEEL`, content: Buffer.from(WHEEL) },
  ]
  const record = `${about}/RECORD`
  const lines = [...files.map(recordLine), `${record},,`]
  files.push({ name: record, content: Buffer.from(`${lines.join("\n")}\n`) })
  mkdirSync(outDir, { recursive: true })
  const path = join(outDir, `${project.name}-${version}-py3-none-any.whl`)
  writeFileSync(
    path,
    zipSync(Object.fromEntries(files.map(({ name, content }) => [name, content])), ZIP_OPTIONS),
  )
  return path
}

const WHEEL = "Wheel-Version: 1.0\nGenerator: turnline\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

function recordLine({ name, content }) {
  return `${name},sha256=${createHash("sha256").update(content).digest("base64url")},${content.length}`
}

function sources(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name))
  return paths
    .filter((path) => /\.py$|[/\\]py\.typed$/.test(path))
    .map((path) => ({ name: relative(folder, path).split(sep).join("/"), content: readFileSync(path) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Returns a version in Python's notation: "1.2.3-rc.1" is "1.2.3rc1". `setup.py` does the same. */
function pythonVersion(version) {
  return version.replace(
    /-(alpha|beta|rc)\.?(\d+)$/,
    (_, name, number) => ({ alpha: "a", beta: "b", rc: "rc" })[name] + number,
  )
}

function metadata(project, version) {
  const optional = Object.entries(project.optional).flatMap(([extra, needed]) => [
    `Provides-Extra: ${extra}`,
    ...needed.map((name) => `Requires-Dist: ${name}; extra == "${extra}"`),
  ])
  const lines = [
    "Metadata-Version: 2.1",
    `Name: ${project.name}`,
    `Version: ${version}`,
    `Summary: ${project.description}`,
    `Keywords: ${project.keywords.join(",")}`,
    ...project.classifiers.map((name) => `Classifier: ${name}`),
    `Requires-Python: ${project["requires-python"]}`,
    ...project.dependencies.map((name) => `Requires-Dist: ${name}`),
    ...optional,
    "Description-Content-Type: text/markdown",
  ]
  return `${lines.join("\n")}\n\n${readFileSync(join(CLIENT, project.readme), "utf8")}`
}

/**
 * Reads the tables `project` and `project.optional-dependencies` of a pyproject.toml. They may contain only strings and
 * lists of strings, which TOML writes like JSON, except for trailing commas.
 */
function readProject(toml) {
  const table = (name) => {
    const start = toml.indexOf(`[${name}]\n`)
    if (start === -1) throw new Error(`pyproject.toml has no table [${name}].`)
    const [text] = toml.slice(start + name.length + 3).split(/^\[/m)
    const entries = text.matchAll(/^([\w-]+) = (".*"|\[[\s\S]*?\])$/gm)
    return Object.fromEntries(
      [...entries].map(([, key, value]) => [key, JSON.parse(value.replace(/,\s*\]$/, "]"))]),
    )
  }
  return { ...table("project"), optional: table("project.optional-dependencies") }
}
