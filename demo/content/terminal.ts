import type { Chance } from "@/demo/Chance"

const ESC = "\u001b["
const paint = (code: number | string) => (text: string) => `${ESC}${code}m${text}${ESC}0m`

/** ANSI color codes. */
export const red = paint(31)
export const green = paint(32)
export const yellow = paint(33)
export const cyan = paint(36)
export const dim = paint(2)
const bold = paint(1)
const failBadge = paint("1;37;41")
const passBadge = paint("1;30;42")

export type TestFile = { file: string; tests: string[] }
export type Failure = { test: string; expected: string; received: string; file: string; line: number }

/** The output of a test runner: files, tests, failures with a diff, and a count. */
export function testOutput(chance: Chance, files: TestFile[], failure?: Failure): string {
  const lines: string[] = []
  let passed = 0
  for (const { file, tests } of files) {
    const broken = failure !== undefined && failure.file === file
    lines.push(
      `${broken ? failBadge(" FAIL ") : passBadge(" PASS ")} ${file} ${dim(`(${chance.whole(12, 900)} ms)`)}`,
    )
    for (const test of tests) {
      const fails = broken && failure.test === test
      lines.push(`  ${fails ? red("✗") : green("✓")} ${fails ? red(test) : dim(test)}`)
      if (!fails) passed++
    }
  }
  if (failure !== undefined)
    lines.push(
      "",
      bold(red(`● ${failure.test}`)),
      "",
      `  ${green(`- expected  ${failure.expected}`)}`,
      `  ${red(`+ received  ${failure.received}`)}`,
      "",
      `  ${dim(`at ${failure.file}:${failure.line}:${chance.whole(5, 40)}`)}`,
    )
  const failed = failure === undefined ? "" : `${red("1 failed")}, `
  lines.push(
    "",
    `${bold("Tests")}  ${failed}${green(`${passed} passed`)}`,
    `${bold("Time ")}  ${chance.skewed(0.6, 19).toFixed(2)} s`,
  )
  return `${lines.join("\n")}\n`
}

/** A unified diff of one place in a file. */
export function unifiedDiff(
  file: string,
  at: number,
  before: readonly string[],
  after: readonly string[],
): string {
  const kept = before.filter((line) => after.includes(line))
  const body = [
    ...before.map((line) => (kept.includes(line) ? ` ${line}` : `-${line}`)),
    ...after.filter((line) => !kept.includes(line)).map((line) => `+${line}`),
  ]
  // Additions follow the last removed line, as readers expect.
  const lastGone = body.findLastIndex((line) => line.startsWith("-"))
  const added = body.filter((line) => line.startsWith("+"))
  const others = body.filter((line) => !line.startsWith("+"))
  others.splice(lastGone + 1, 0, ...added)
  return [
    `--- a/${file}`,
    `+++ b/${file}`,
    `@@ -${at},${before.length} +${at},${after.length} @@`,
    ...others,
    "",
  ].join("\n")
}

/** A file's lines with their numbers, as a file-reading tool shows them. */
export function numbered(lines: readonly string[], from: number): string {
  return lines.map((line, i) => `${String(from + i).padStart(5)}  ${line}`).join("\n")
}
