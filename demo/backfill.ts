import { fixBug } from "@/demo/agents/coder"
import { research } from "@/demo/agents/researcher"
import { BUGS } from "@/demo/content/bugs"
import { QUESTIONS } from "@/demo/content/questions"
import { Cast, type World } from "./Cast"
import { MODELS } from "./models"

/** Fast enough that a run of minutes takes about a second. */
const HURRY = 100

/**
 * Plays a few complete runs quickly, so that the pages aren't empty. Their idempotency keys ensure that each server
 * gets them only once.
 */
export async function fillBack(world: World): Promise<void> {
  const hurried = { ...world, pace: world.pace.faster(HURRY) }
  const fixer = new Cast(hurried, "demo/code/fixer", "Fixer", MODELS.coder)
  const desk = new Cast(hurried, "demo/research/desk", "Research desk", MODELS.large)
  const fixes = BUGS.map((bug, i) =>
    fixer.play(
      {
        intent: `Fix ${bug.project}: ${bug.report}`,
        labels: { repo: bug.project },
        idempotencyKey: `demo-history-fix-${i}`,
      },
      fixBug(bug),
    ),
  )
  const answers = QUESTIONS.map((question, i) =>
    desk.play(
      {
        intent: question.question,
        labels: { subject: question.subject },
        idempotencyKey: `demo-history-question-${i}`,
      },
      research(question),
    ),
  )
  await Promise.all([...fixes, ...answers])
  await Promise.all([fixer.leave(), desk.leave()])
}
