// Sets everything up, runs all kinds of tests, and prints a summary as the last line.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import {
  ensureBrowser,
  ensureBuild,
  ensureDependencies,
  ensurePostgres,
  ensurePythonClient,
  ROOT,
  run,
  say,
} from "./setup.mjs"

const REPORTS = join(ROOT, "build", "reports")
const bin = (path) => join(ROOT, "node_modules", path)
const counts = { passed: 0, failed: 0, skipped: 0 }

function add({ passed, failed, skipped = 0 }) {
  counts.passed += passed
  counts.failed += failed
  counts.skipped += skipped
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`
}

function report(file) {
  const path = join(REPORTS, file)
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined
}

async function step(name, command, args, { env, count, quiet }) {
  say(`\n── ${name}`)
  const started = Date.now()
  const { code, output } = await run(command, args, { quiet, env })
  if (quiet && code !== 0) say(output)
  const counted = count(code)
  // A runner can fail without a failed test if it crashes or finds no tests. That counts as one failure.
  if (code !== 0 && counted.failed === 0) counted.failed = 1
  say(`${name}: ${add(counted)} (${Math.round((Date.now() - started) / 1000)} s)`)
}

const single = (code) => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 })

function vitestCounts(file) {
  const found = report(file)
  if (!found) return { passed: 0, failed: 1 }
  const withoutPostgres = found.testResults
    .flatMap((result) => result.assertionResults)
    .filter(({ status, fullName }) => status !== "passed" && fullName.includes("skipped: no PostgreSQL"))
  if (withoutPostgres.length > 0) say(`skipped: no PostgreSQL (${withoutPostgres.length} tests)`)
  const broken = found.testResults.filter(
    (result) => result.status === "failed" && result.assertionResults.length === 0,
  ).length
  return {
    passed: found.numPassedTests,
    failed: found.numFailedTests + broken,
    skipped: found.numPendingTests + (found.numTodoTests ?? 0),
  }
}

function playwrightCounts() {
  const found = report("e2e.json")
  if (!found) return { passed: 0, failed: 1 }
  const { expected, unexpected, flaky, skipped } = found.stats
  for (const title of flakyTitles(found.suites)) say(`passed only on the second try: ${title}`)
  return { passed: expected + flaky, failed: unexpected, skipped }
}

const flakyTitles = (suites) =>
  suites.flatMap((suite) => [
    ...suite.specs
      .filter((spec) => spec.tests.some((test) => test.status === "flaky"))
      .map((spec) => `${suite.file} › ${spec.title}`),
    ...flakyTitles(suite.suites ?? []),
  ])

await ensureDependencies()
await ensureBrowser()
await ensurePythonClient()
await ensurePostgres()
rmSync(REPORTS, { recursive: true, force: true })
mkdirSync(REPORTS, { recursive: true })

const only = process.argv.slice(2)
const wanted = (name) => only.length === 0 || only.includes(name)

if (wanted("types"))
  await step("types", process.execPath, [bin("typescript/bin/tsc"), "--noEmit"], {
    count: single,
    quiet: true,
  })
if (wanted("lint")) {
  await step(
    "lint",
    process.execPath,
    [bin("@biomejs/biome/bin/biome"), "check", "--error-on-warnings", "."],
    { count: single, quiet: true },
  )
  await step("plain English", process.execPath, [join(ROOT, "scripts", "plainEnglish.mjs")], {
    count: single,
    quiet: true,
  })
  await step("unused exports", process.execPath, [join(ROOT, "scripts", "unusedExports.mjs")], {
    count: single,
    quiet: true,
  })
}
if (wanted("unit"))
  await step(
    "unit and integration",
    process.execPath,
    [
      bin("vitest/vitest.mjs"),
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${join(REPORTS, "unit.json")}`,
    ],
    { count: () => vitestCounts("unit.json"), quiet: false },
  )
if (wanted("browser"))
  await step(
    "in a browser",
    process.execPath,
    [
      bin("vitest/vitest.mjs"),
      "run",
      "--config=vitest.browser.config.ts",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${join(REPORTS, "browser.json")}`,
    ],
    { count: () => vitestCounts("browser.json"), quiet: false },
  )
if (wanted("e2e")) {
  await ensureBuild()
  await step("end to end", process.execPath, [bin("@playwright/test/cli.js"), "test"], {
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: join(REPORTS, "e2e.json") },
    count: playwrightCounts,
    quiet: false,
  })
}

const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ""
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`)
process.exit(counts.failed === 0 ? 0 : 1)
