import type { Cast } from "@/demo/Cast"
import type { Chance } from "@/demo/Chance"

const TITLES = [
  "How we count sheep",
  "A year without meetings",
  "The lighthouse rota",
  "What the night shift knows",
  "Notes from a slow kitchen",
  "Keeping bees on a roof",
]
const OPENINGS = [
  "Nobody remembers who began it.",
  "It started with a broken kettle.",
  "The first rule was that there were no rules.",
  "We had been counting wrong for eleven years.",
  "In the end it was the caretaker who noticed.",
]
const MIDDLES = [
  "For a while it seemed that the cheap way would do, and for a while it did.",
  "The numbers were on the wall all the time; they were only too small to read.",
  "There is a kind of waiting that looks like doing nothing, and this was the other kind.",
  "The ones who came late had to explain the day to those who had been there from the start.",
  "It rained for the whole of the second week, which turned out to matter.",
  "The list grew by two for every line that was crossed out.",
  "Someone suggested a spreadsheet, and for once it was the right suggestion.",
  "Everything that could be lent was lent, and most of it came back.",
]
const ENDINGS = [
  "We would do it again, but earlier.",
  "The kettle was never repaired.",
  "It still works, and nobody knows why.",
  "That is the whole method.",
]
const DEMANDS = [
  "shorter sentences",
  "one more example",
  "fewer adjectives",
  "a warmer ending",
  "no jokes in the second part",
]

/** A writer: long text that streams for a minute, drafts that are read back, and an editor with requests. */
export function liveAsWriter(cast: Cast): Promise<void> {
  return cast.live(() => {
    const title = cast.chance.pick(TITLES)
    const intent = `Write the column “${title}”`
    return cast.play(
      { intent, labels: { section: cast.chance.pick(["culture", "work", "weekend"]) } },
      async (scene) => {
        const { chance } = scene
        let words = 0
        const drafts = chance.whole(1, 3)
        for (let draft = 1; draft <= drafts; draft++) {
          const text = column(chance, title)
          words = text.split(/\s+/).length
          const demand = chance.pick(DEMANDS)
          await scene.think({
            prompt: draft === 1 ? `A column of about 600 words: ${title}.` : `Another draft, with ${demand}.`,
            thinking:
              draft === 1
                ? "A small thing first, what it stands for last."
                : `${demand}: that means the middle has to go.`,
            message: text,
          })
          await scene.call(
            "save_draft",
            { title, draft },
            { output: { draft, words, reading_minutes: Math.ceil(words / 220) } },
          )
          if (draft < drafts)
            await scene.ask(
              `the editor's notes on draft ${draft}`,
              `Good. Now ${chance.pick(DEMANDS)}.`,
              chance.skewed(3_000, 30_000),
            )
        }
        return {
          status: "success",
          summary: `${title}, ${words} words, draft ${drafts}.`,
          metrics: { words, drafts },
        }
      },
    )
  }, [3_000, 15_000])
}

function column(chance: Chance, title: string): string {
  const paragraphs = Array.from({ length: chance.whole(5, 11) }, () =>
    chance.some(MIDDLES, chance.whole(3, 6)).join(" "),
  )
  const half = Math.floor(paragraphs.length / 2)
  return [
    `# ${title}`,
    `*${chance.pick(OPENINGS)}*`,
    ...paragraphs.slice(0, half),
    `## ${chance.pick(["Then", "Meanwhile", "What changed", "The second winter"])}`,
    ...paragraphs.slice(half),
    chance.pick(ENDINGS),
  ].join("\n\n")
}
