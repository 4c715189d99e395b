import type { Cast } from "@/demo/Cast"
import { green, red, testOutput } from "@/demo/content/terminal"
import type { Play } from "@/demo/Scene"

const PRODUCTS = ["orchard-shop", "ferry-tickets", "lantern-cms", "tally"]
const BROWSERS = ["gecko-like", "webkit-like", "blink-like"]
const CHECKS = ["notes", "quality", "security"] as const

/**
 * A release agent: delegates each check to another agent. One of these delegates to an agent per browser, so the child
 * runs are two levels deep.
 */
export function liveAsConductor(cast: Cast): Promise<void> {
  return cast.live(() => {
    const product = cast.chance.pick(PRODUCTS)
    const version = `${cast.chance.whole(1, 9)}.${cast.chance.whole(0, 30)}.${cast.chance.whole(0, 9)}`
    return cast.play(
      { intent: `Release ${product} ${version}`, labels: { product, version } },
      release(product, version),
    )
  }, [5_000, 20_000])
}

function release(product: string, version: string): Play {
  return async (scene) => {
    const { chance } = scene
    await scene.think({
      prompt: `Release ${product} ${version} unless a check fails.`,
      message: `Checks first: ${CHECKS.join(", ")}.`,
    })
    const checks = chance.some(CHECKS, chance.whole(2, 3)).map((check) => {
      const options = {
        intent: `${check} of ${product} ${version}`,
        agentId: `demo/release/${check}`,
        agentName: `Release ${check}`,
        labels: { product, version },
      }
      return scene.handOff(options, check === "quality" ? quality(product) : inspect(check, product))
    })
    const outcomes = await Promise.all(checks)
    const bad = outcomes.filter((outcome) => outcome.status !== "success")
    if (bad.length > 0) {
      await scene.think({ message: `Not today: ${bad.map((outcome) => outcome.summary).join("; ")}` })
      return { status: "give_up", summary: `${bad.length} of ${outcomes.length} checks failed.` }
    }
    await scene.ask(`approval of: release ${product} ${version}`, "Go.", chance.skewed(5_000, 40_000))
    await scene.call(
      "publish",
      { product, version },
      { output: `${green("published")} ${product}@${version}\n`, exit: 0, ms: chance.skewed(2_000, 12_000) },
    )
    return {
      status: "success",
      summary: `${product} ${version} is out.`,
      metrics: { checks: outcomes.length },
    }
  }
}

function quality(product: string): Play {
  return async (scene) => {
    const { chance } = scene
    await scene.think({ message: `Trying ${product} in ${BROWSERS.length} browsers in parallel.` })
    const runs = BROWSERS.map((browser) =>
      scene.handOff(
        {
          intent: `Walk through ${product} in ${browser}`,
          agentId: `demo/release/browser/${browser}`,
          agentName: browser,
          labels: { product },
        },
        browse(browser),
      ),
    )
    const failed = (await Promise.all(runs)).filter((outcome) => outcome.status !== "success").length
    await scene.call(
      "write_report",
      { product },
      { output: { browsers: BROWSERS.length, failed }, ms: chance.skewed(100, 900) },
    )
    return failed === 0
      ? { status: "success", summary: "All browsers agree." }
      : { status: "failure", summary: `${failed} of ${BROWSERS.length} browsers failed.` }
  }
}

function browse(browser: string): Play {
  return async (scene) => {
    const { chance } = scene
    for (const page of chance.some(
      ["/", "/search", "/basket", "/pay", "/account", "/help"],
      chance.whole(3, 6),
    )) {
      const slow = chance.maybe(0.06)
      const output = { page, status: 200, load_ms: chance.whole(80, 1_900), console_errors: slow ? 1 : 0 }
      const error = slow && { error: { message: `${page} did not settle within 10 s`, type: "Timeout" } }
      await scene.call("open_page", { url: `https://staging.example${page}`, browser }, { output, ...error })
      if (slow) return { status: "failure", summary: `${page} hangs in ${browser}.` }
      await scene.call(
        "click",
        { selector: chance.pick(["text=Next", "#save", "button >> nth=0"]), browser },
        { output: { ok: true }, ms: chance.skewed(50, 600) },
      )
    }
    return { status: "success", summary: `${browser} is happy.` }
  }
}

function inspect(check: string, product: string): Play {
  return async (scene) => {
    const { chance } = scene
    const files = [
      {
        file: `checks/${check}.test.ts`,
        tests: ["dependencies are known", "no secrets in the tree", "licenses are listed"],
      },
    ]
    const fails = chance.maybe(0.15)
    const failure = {
      test: "licenses are listed",
      expected: "0 unknown",
      received: "1 unknown",
      file: `checks/${check}.test.ts`,
      line: 8,
    }
    const output = testOutput(chance, files, fails ? failure : undefined)
    await scene.call(
      "shell",
      { command: `npm run check:${check}`, cwd: product },
      {
        output,
        exit: fails ? 1 : 0,
        ms: chance.skewed(800, 9_000),
        ...(fails && { error: red("1 check failed") }),
      },
    )
    await scene.think({
      message: fails ? `One license in ${product} is unknown.` : `No objections to ${product}.`,
    })
    return fails
      ? { status: "failure", summary: `${check} found a problem.` }
      : { status: "success", summary: `${check}: clean.` }
  }
}
