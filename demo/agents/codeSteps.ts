import type { Bug } from "@/demo/content/bugs"
import { dim, testOutput, yellow } from "@/demo/content/terminal"
import type { Scene } from "@/demo/Scene"

/** Runs the tests. With `failing`, the bug makes one of them fail. */
export async function runTests(scene: Scene, bug: Bug, failing: boolean): Promise<void> {
  const { chance } = scene
  const command = testCommand(bug)
  const files = [{ file: bug.testFile, tests: [...bug.otherTests, bug.test] }]
  if (chance.maybe(0.5))
    files.push({
      file: bug.testFile.replace(/(\w+)(\.test|_test)?(\.\w+)$/, `wider$2$3`),
      tests: ["end to end", "under load"],
    })
  const failure = {
    test: bug.test,
    expected: bug.expected,
    received: bug.received,
    file: bug.testFile,
    line: chance.whole(12, 90),
  }
  await scene.call(
    "shell",
    { command, cwd: `/src/${bug.project}` },
    {
      output: testOutput(chance, files, failing ? failure : undefined),
      exit: failing ? 1 : 0,
      verifier_verdict: failing ? "fail" : "pass",
      ms: chance.skewed(900, 9_000),
      ...(failing && { error: { message: `${command} exited with code 1`, type: "ExitCode" } }),
    },
  )
}

/** Runs a linter, which reports in JSON, and lets it fix what it can. */
export async function checkTypes(scene: Scene, bug: Bug): Promise<void> {
  const { chance } = scene
  const warnings = chance.maybe(0.4)
    ? [{ file: bug.file, line: bug.line, rule: "no-shadow", level: "warning" }]
    : []
  const output = {
    checked_files: chance.whole(40, 900),
    errors: [],
    warnings,
    took_ms: chance.whole(300, 4_000),
  }
  await scene.call("lint", { paths: [bug.file, bug.testFile] }, { output })
  if (warnings.length > 0)
    await scene.call("shell", { command: "lint --fix" }, { output: yellow("1 warning fixed\n"), exit: 0 })
}

/** Commits and pushes; some repositories need a person's approval. */
export async function push(scene: Scene, bug: Bug): Promise<boolean> {
  const { chance } = scene
  const commit = chance.hex(7)
  const output = `[fix/${bug.project} ${commit}] ${bug.reason.split(".")[0]}\n 2 files changed, ${bug.after.length + 9} insertions(+), ${bug.before.length} deletions(-)\n`
  await scene.call(
    "shell",
    { command: "git commit -a -F -" },
    { output, exit: 0, ms: chance.skewed(80, 500) },
  )
  if (chance.maybe(0.35)) {
    const yes = chance.maybe(0.8)
    await scene.ask(
      `approval of: git push origin fix/${bug.project}`,
      yes ? "Yes, go ahead." : "No: not on a Friday.",
      chance.skewed(4_000, 45_000),
    )
    if (!yes) {
      await scene.call(
        "shell",
        { command: "git push" },
        { policy_rejected: true, error: { message: "refused by a person", type: "Refused" }, ms: 10 },
      )
      return false
    }
  }
  await scene.call(
    "shell",
    { command: `git push origin fix/${bug.project}` },
    {
      output: `${dim("remote:")} resolving deltas: 100% (${chance.whole(3, 9)}/9)\n   ${commit}  fix/${bug.project} -> fix/${bug.project}\n`,
      exit: 0,
    },
  )
  return true
}

function testCommand(bug: Bug): string {
  if (bug.file.endsWith(".py")) return `pytest -q ${bug.testFile}`
  if (bug.file.endsWith(".go")) return `go test ./${bug.file.slice(0, bug.file.lastIndexOf("/"))}/...`
  return `npm test -- ${bug.testFile}`
}
