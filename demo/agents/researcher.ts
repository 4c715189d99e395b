import type { Cast } from "@/demo/Cast"
import { QUESTIONS, type Question } from "@/demo/content/questions"
import type { Play, Scene } from "@/demo/Scene"

/** A researcher: searches, sends a reader to the sources, and writes a summary. */
export function liveAsResearcher(cast: Cast): Promise<void> {
  return cast.live(() => {
    const question = cast.chance.pick(QUESTIONS)
    return cast.play({ intent: question.question, labels: { subject: question.subject } }, research(question))
  }, [4_000, 20_000])
}

/** The work on one question. */
export function research(question: Question): Play {
  return async (scene) => {
    const { chance } = scene
    const angles = chance.some(question.angles, chance.whole(2, question.angles.length))
    await scene.think({
      prompt: question.question,
      thinking: `Possible angles: ${question.angles.join("; ")}. ${angles.length} will do for a first answer.`,
      message: `I will look at ${angles.length} aspects:\n\n${angles.map((angle) => `- ${angle}`).join("\n")}`,
    })
    const found: string[] = []
    for (const angle of angles) {
      const sources = await search(scene, question, angle)
      const finding = question.findings[question.angles.indexOf(angle)] ?? question.doubt
      if (chance.maybe(0.75)) {
        const options = {
          intent: `Read ${sources.length} sources on ${angle}`,
          agentId: "demo/research/reader",
          agentName: "Reader",
          labels: { subject: question.subject },
        }
        const outcome = await scene.handOff(options, readSources(sources, finding))
        if (outcome.status === "success") found.push(finding)
      } else found.push(finding)
    }
    await scene.think({
      thinking: `Weak points: ${question.doubt}`,
      message: essay(question, found, chance.maybe(0.5)),
    })
    const metrics = { aspects: angles.length, findings: found.length }
    if (found.length < angles.length)
      return {
        status: "partial_success",
        summary: `Found nothing on ${angles.length - found.length} of ${angles.length} aspects.`,
        metrics,
      }
    return { status: "success", summary: found[0] ?? question.doubt, evidence: found, metrics }
  }
}

type Source = { title: string; url: string; year: number; score: number }

async function search(scene: Scene, question: Question, angle: string): Promise<Source[]> {
  const { chance } = scene
  const kinds = ["A survey of", "Notes on", "The price of", "Ten years of", "Against", "Measuring"]
  const sources = chance.some(kinds, chance.whole(3, 5)).map((kind) => ({
    title: `${kind} ${angle}`,
    url: `https://library.example/${question.subject.toLowerCase().replaceAll(" ", "-")}/${chance.hex(6)}`,
    year: chance.whole(2009, 2031),
    score: Math.round(chance.next() * 1_000) / 1_000,
  }))
  if (chance.maybe(0.15)) {
    const error = { message: "the index did not answer within 10 s", type: "Timeout" }
    await scene.call("web_search", { query: angle, limit: 5 }, { error, ms: 4_000 })
    scene.note("retry", "Repeating the search.", { attempt: 2 })
  }
  await scene.call("web_search", { query: `${question.subject} ${angle}`, limit: 5 }, { output: sources })
  return sources
}

/** What a reader does with its sources, some of which are unavailable. */
function readSources(sources: readonly Source[], finding: string): Play {
  return async (scene) => {
    let read = 0
    for (const source of sources) {
      if (scene.chance.maybe(0.15)) {
        await scene.call(
          "fetch_page",
          { url: source.url },
          { error: { message: "403 Forbidden", type: "HttpError" } },
        )
        continue
      }
      const output = `# ${source.title}\n\n*${source.year}*\n\n${finding}\n\n${"The method is described at length, with tables at the end. ".repeat(scene.chance.whole(2, 30))}`
      await scene.call("fetch_page", { url: source.url }, { output })
      read++
      if (scene.chance.maybe(0.5)) await scene.think({ message: `**${source.title}** supports: ${finding}` })
    }
    if (read === 0) return { status: "failure", summary: "No source could be read." }
    await scene.think({ message: `${finding}\n\n(${read} of ${sources.length} sources.)` })
    return { status: "success", summary: finding, metrics: { read, sources: sources.length } }
  }
}

function essay(question: Question, found: readonly string[], long: boolean): string {
  const parts = [`# ${question.question}`, ...found.map((finding, i) => `**${i + 1}.** ${finding}`)]
  if (long)
    parts.push(
      "## What this rests on",
      ...found.map(
        (finding) =>
          `> ${finding}\n\nTwo sources agree, and none contradicts them. Their estimates differ by about a third.`,
      ),
    )
  return [...parts, "## Doubts", question.doubt].join("\n\n")
}
