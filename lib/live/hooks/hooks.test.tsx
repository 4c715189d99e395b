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
  const values = [
    useConnection(),
    useServerNow(),
    useSession(),
    useIngest().phase,
    runs.useRuns({ q: "x" }, { hold: true }).phase,
    runs.useRunSections({}, { hold: false }).phase,
    runs.useRunRow("run-1"),
    runs.useRunCounts(),
    runs.useChildRuns("run-1").length,
    runs.useRecentRuns(60_000, {}).runs.length,
    run.useRunSummary("run-1"),
    run.useTurnCount("run-1"),
    run.useViewCursor("run-1"),
    run.useOutline("run-1", 0),
    run.useProgress("run-1"),
    run.useRunError("run-1"),
    run.useRunView("run-1").cursor,
    run.useLiveBadge("run-1", { paused: true }).kind,
    useTurnBody("run-1", 3).state,
  ]
  return values.map((it) => it ?? "-").join(" ")
}

function WithoutProvider() {
  return String(useLive())
}

describe("the hooks of lib/live", () => {
  it("render on the server without a connection and independently of the clock", () => {
    const makeSocket = vi.fn()
    const live = createLive({ makeSocket })
    const page = renderToString(
      <LiveProvider live={live}>
        <Everything />
      </LiveProvider>,
    )
    expect(page).toBe("connecting 0 - loading loading loading - - 0 0 - 0 0 - - - 0 reconnecting loading")
    expect(makeSocket).not.toHaveBeenCalled()
  })

  it("throw an error that names the missing provider", () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined)
    expect(() => renderToString(<WithoutProvider />)).toThrow("LiveProvider")
    vi.restoreAllMocks()
  })
})
