import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { ROOT } from "../setup.mjs"
import { buildWithSetuptools, findPython } from "./packPython.mjs"
import { packWheel } from "./packWheel.mjs"

const out = mkdtempSync(join(tmpdir(), "turnline-wheel-"))
const python = ["python3", "/usr/bin/python3"].find((it) => spawnSync(it, ["--version"]).status === 0)
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"))
afterAll(() => rmSync(out, { recursive: true, force: true }))

/**
 * A Python program that checks a wheel against the wheel's own record, and then prints what installers read from it.
 */
const READ = `
import base64, csv, email, hashlib, io, json, re, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
names = archive.namelist()
about = next(name for name in names if name.endswith(".dist-info/METADATA")).rsplit("/", 1)[0]
record = {row[0]: row[1:] for row in csv.reader(io.StringIO(archive.read(about + "/RECORD").decode()))}
assert sorted(record) == sorted(names), (sorted(record), sorted(names))
for name, (digest, size) in record.items():
    if not name.endswith("/RECORD"):
        content = archive.read(name)
        expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        assert (digest, size) == ("sha256=" + expected, str(len(content))), name
metadata = email.message_from_bytes(archive.read(about + "/METADATA"))
wheel = email.message_from_bytes(archive.read(about + "/WHEEL"))
fields = ["Name", "Version", "Summary", "Keywords", "Classifier", "Requires-Python", "Requires-Dist",
          "Provides-Extra", "Description-Content-Type"]
print(json.dumps({
    "files": sorted(name for name in names if not name.startswith(about)),
    "metadata": {name: sorted(re.sub("[ ()]", "", value).replace("'", '"').replace("<6,>=5.7", ">=5.7,<6")
                 for value in metadata.get_all(name, [])) for name in fields},
    "description": metadata.get_payload().strip(),
    "tags": [wheel["Root-Is-Purelib"], wheel.get_all("Tag")],
}))
`
const read = (wheel) => JSON.parse(execFileSync(python ?? "", ["-c", READ, wheel], { encoding: "utf8" }))

it("gives the same bytes for the same sources", () => {
  const [first, second] = ["a", "b"].map((name) => readFileSync(packWheel(join(out, name))))
  expect(first.equals(second)).toBe(true)
})

it.skipIf(python === undefined)(
  "is a valid wheel with the version of the project (skipped without Python)",
  () => {
    const wheel = packWheel(out)
    const program = `
import sys, importlib.metadata
sys.path.insert(0, sys.argv[1])
print(importlib.metadata.version("turnline"))
`
    const printed = execFileSync(python ?? "", ["-c", program, wheel], { encoding: "utf8", cwd: out })
    expect(basename(wheel)).toBe(`turnline-${printed.trim()}-py3-none-any.whl`)
    // "1.2.3-rc.1" is "1.2.3rc1" in Python.
    expect(printed.trim()).toBe(
      version.replace(/-(rc|beta|alpha)\.?/, (_, name) => (name === "rc" ? "rc" : name[0])),
    )
    const { files, tags } = read(wheel)
    expect(tags).toEqual(["true", ["py3-none-any"]])
    expect(files).toContain("turnline/py.typed")
    expect(files.filter((name) => /test|__pycache__/.test(name))).toEqual([])
  },
)

it.skipIf(findPython() === undefined)(
  "has the files and the metadata of the wheel that setuptools builds (skipped without setuptools and wheel)",
  () => {
    const theirs = buildWithSetuptools("build_wheel", join(out, "setuptools"))
    const ours = packWheel(out)
    expect(basename(ours)).toBe(basename(theirs))
    expect(read(ours)).toEqual(read(theirs))
  },
  60_000,
)
