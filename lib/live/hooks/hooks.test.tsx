import { renderToString } from "react-dom/server"
import { describe, expect, it, vi } from "vitest"
import { createLive } from "@/lib/live/createLive"
import { LiveProvider, useLive } from "@/lib/live/LiveProvider"
import { useConnection, useServerNow, useSession } from "./useConnection"
import * as run from "./useFollowedRun"
import { useIngest } from "./useIngest"
import * as runs from "./useRuns"
import { useTurnBody } from "./useTurnBody"

function Everything() {
  const said = [
    useConnection(),
    useServerNow(),
    useSession(),
    useIngest().phase,
    runs.useRuns({ q: "x" }, { hold: true }).phase,
    runs.useLiveRuns({ hold: false }).phase,
    runs.useRunRow("run-1"),
    runs.useRunCounts(),
    runs.useChildRuns("run-1").length,
    runs.useRecentRuns(60_000).length,
    run.useRunSummary("run-1"),
    run.useRunEnded("run-1"),
    run.useTurnCount("run-1"),
    run.useViewCursor("run-1"),
    run.useOutline("run-1", 0),
    run.useOutlineRange("run-1", 0, 10).length,
    run.useProgress("run-1"),
    run.useRunError("run-1"),
    run.useRunView("run-1").cursor,
    run.useLiveBadge("run-1", { paused: true }).kind,
    useTurnBody("run-1", 3).state,
  ]
  return said.map((it) => it ?? "-").join(" ")
}

function Lost() {
  return String(useLive())
}

describe("the hooks", () => {
  it("render on the server without a connection, and say nothing that depends on a clock", () => {
    const makeSocket = vi.fn()
    const live = createLive({ makeSocket })
    const page = renderToString(
      <LiveProvider live={live}>
        <Everything />
      </LiveProvider>,
    )
    expect(page).toBe("connecting 0 - loading loading loading - - 0 0 - - 0 0 - 0 - - 0 reconnecting loading")
    expect(makeSocket).not.toHaveBeenCalled()
  })

  it("say what is missing where there is no provider", () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined)
    expect(() => renderToString(<Lost />)).toThrow("LiveProvider")
    vi.restoreAllMocks()
  })
})
