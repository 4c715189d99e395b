import type { Cast } from "@/demo/Cast"
import { BUGS, type Bug } from "@/demo/content/bugs"
import { cyan, dim, numbered, unifiedDiff } from "@/demo/content/terminal"
import type { Play, Scene } from "@/demo/Scene"
import { checkTypes, push, runTests } from "./codeSteps"

/** A coding agent: takes a report, finds the bug, fixes it, and proves it with tests. */
export function liveAsCoder(cast: Cast): Promise<void> {
  return cast.live(() => {
    const bug = cast.chance.pick(BUGS)
    const labels = {
      repo: bug.project,
      ticket: `${bug.project.slice(0, 3).toUpperCase()}-${cast.chance.whole(100, 999)}`,
    }
    const intent = `Fix ${bug.project}: ${bug.report}`
    return cast.play(
      { intent, outcomeDescription: "The new test passes, and no other fails.", labels },
      fixBug(bug),
    )
  }, [3_000, 15_000])
}

/** The work on one bug. It sometimes starts with a wrong hypothesis, and it sometimes fails. */
export function fixBug(bug: Bug): Play {
  return async (scene) => {
    const { chance } = scene
    await understand(scene, bug)
    await runTests(scene, bug, true)
    if (chance.maybe(0.45)) await tryWrongIdea(scene, bug)
    if (chance.maybe(0.1)) {
      await scene.think({
        message: `I can't decide this without more information.\n\n> ${bug.suspicion}\n\nA person should decide.`,
      })
      return {
        status: "give_up",
        summary: "Stopped: two explanations fit, and the tests can't tell them apart.",
      }
    }
    await fix(scene, bug)
    await runTests(scene, bug, false)
    if (chance.maybe(0.3)) scene.compact()
    await checkTypes(scene, bug)
    const pushed = await push(scene, bug)
    await scene.think({ message: report(bug, pushed) })
    const metrics = { files_changed: 2, tests_added: 1 }
    if (!pushed)
      return { status: "partial_success", summary: "Fixed, but not pushed: the push was refused.", metrics }
    return { status: "success", summary: bug.reason, metrics }
  }
}

async function understand(scene: Scene, bug: Bug): Promise<void> {
  const { chance } = scene
  const folder = bug.file.slice(0, bug.file.lastIndexOf("/"))
  await scene.think({
    prompt: `# ${bug.project}\n\n${bug.report}\n\nFix it with the smallest change that you can defend, and add a test.`,
    thinking: chance.maybe(0.7)
      ? `First, reproduce it. ${bug.suspicion} But that is a guess until a test confirms it.`
      : "",
    message: `I will:\n\n1. find where \`${folder}\` does this,\n2. write a test that fails,\n3. change as little as possible.`,
  })
  const others = ["index", "types", "format", "validate", "load", "store"].map(
    (name) => `${folder}/${name}${ext(bug)}`,
  )
  const files = [bug.file, bug.testFile, ...chance.some(others, chance.whole(2, 5))].sort()
  await scene.call("list_files", { path: folder }, { output: files, ms: chance.skewed(40, 300) })
  const hits = files
    .slice(0, chance.whole(1, 3))
    .map((file) => `${cyan(file)}${dim(":")}${chance.whole(2, 140)}${dim(":")} ${bug.before.at(-1)?.trim()}`)
  await scene.call(
    "search",
    { pattern: bug.search, path: "." },
    { output: hits.join("\n"), exit: 0, ms: chance.skewed(60, 700) },
  )
  const from = Math.max(1, bug.line - 2)
  await scene.call(
    "read_file",
    { path: bug.file, from, lines: bug.before.length + 4 },
    {
      output: numbered(["", "", ...bug.before, "", ""], from),
      ms: chance.skewed(20, 200),
    },
  )
}

async function tryWrongIdea(scene: Scene, bug: Bug): Promise<void> {
  await scene.think({
    thinking: bug.wrongIdea,
    message: `${bug.wrongIdea.split(/[.;]/)[0]}. Let me check that.`,
  })
  const line = bug.before.at(-1) ?? ""
  await scene.call(
    "edit_file",
    { path: bug.file, reason: "to see the input" },
    {
      output: unifiedDiff(bug.file, bug.line, [line], [line, "  // TODO: remove after debugging"]),
      ms: scene.chance.skewed(30, 300),
    },
  )
  await runTests(scene, bug, true)
  await scene.think({ message: "That wasn't it: nothing changed. I'm reverting it." })
  await scene.call("shell", { command: `git checkout -- ${bug.file}` }, { output: "", exit: 0, ms: 60 })
}

async function fix(scene: Scene, bug: Bug): Promise<void> {
  await scene.think({ thinking: bug.suspicion, message: `Found it. ${bug.suspicion}` })
  await scene.call(
    "edit_file",
    { path: bug.file, old_text: bug.before.join("\n"), new_text: bug.after.join("\n") },
    {
      output: unifiedDiff(bug.file, bug.line, bug.before, bug.after),
      ms: scene.chance.skewed(30, 300),
    },
  )
}

function report(bug: Bug, pushed: boolean): string {
  return [
    `## ${bug.project}: fixed${pushed ? "" : " (not pushed)"}`,
    bug.reason,
    `| | before | after |\n| --- | --- | --- |\n| \`${bug.test}\` | \`${bug.received}\` | \`${bug.expected}\` |`,
    `Changed: \`${bug.file}\`, \`${bug.testFile}\`.`,
  ].join("\n\n")
}

const ext = (bug: Bug) => bug.file.slice(bug.file.lastIndexOf("."))
