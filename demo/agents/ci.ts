import type { Cast } from "@/demo/Cast"
import { red, testOutput, yellow } from "@/demo/content/terminal"
import type { Play } from "@/demo/Scene"

/** The jobs of a build, each with its own agent. */
export const CI_JOBS = ["lint", "types", "unit", "build", "e2e", "docs", "licenses", "size"] as const
type Job = (typeof CI_JOBS)[number]

const REPOS = [
  "orchard-shop",
  "harbor-billing",
  "ferry-tickets",
  "almanac",
  "lantern-cms",
  "kiln",
  "quill-import",
  "tally",
]

/** A build job: short runs, one after the other, all day. */
export function liveAsCi(cast: Cast, job: Job): Promise<void> {
  return cast.live(() => {
    const { chance } = cast
    const labels = {
      repo: chance.pick(REPOS),
      commit: chance.hex(7),
      branch: chance.pick(["main", "main", "fix/date", "feature/dark", "deps"]),
    }
    return cast.play({ intent: `${job} ${labels.repo}@${labels.commit}`, labels }, runJob(job))
  }, [300, 9_000])
}

function runJob(job: Job): Play {
  return async (scene) => {
    const { chance } = scene
    await scene.call(
      "checkout",
      { depth: 1 },
      { output: `HEAD is now at ${chance.hex(7)}\n`, exit: 0, ms: chance.skewed(100, 1_500) },
    )
    const cached = chance.maybe(0.7)
    await scene.call(
      "install",
      { frozen: true },
      {
        output: { packages: chance.whole(80, 1_400), from_cache: cached },
        ms: cached ? chance.skewed(200, 900) : chance.skewed(2_000, 9_000),
      },
    )
    const fails = chance.maybe(0.14)
    const file = `${chance.pick(["src", "lib", "app"])}/${chance.pick(["index", "table", "date", "queue", "page"])}.ts`
    const failure = {
      test: "keeps its promise",
      expected: "true",
      received: "false",
      file,
      line: chance.whole(3, 200),
    }
    const output =
      job === "unit" || job === "e2e"
        ? testOutput(
            chance,
            [{ file, tests: ["starts", "keeps its promise", "stops"] }],
            fails ? failure : undefined,
          )
        : fails
          ? `${red("error")} ${file}:${chance.whole(1, 300)} ${chance.pick(["unused value", "not assignable", "missing license", "over budget by 2.1 kB"])}\n`
          : `${chance.maybe(0.2) ? yellow("1 warning\n") : ""}ok in ${chance.skewed(0.3, 40).toFixed(1)} s\n`
    const error = { message: `${job} exited with code 1`, type: "ExitCode" }
    await scene.call(
      job,
      { file },
      {
        output,
        exit: fails ? 1 : 0,
        verifier_verdict: fails ? "fail" : "pass",
        ms: chance.skewed(400, 9_000),
        ...(fails && { error }),
      },
    )
    if (fails) return { status: "failure", summary: `${job} is red in ${file}.` }
    if (job === "build")
      await scene.call(
        "upload",
        { artifact: "dist.tar" },
        { output: { bytes: chance.whole(90_000, 9_000_000) } },
      )
    return { status: "success", summary: `${job} is green.`, metrics: { seconds: chance.whole(1, 90) } }
  }
}
