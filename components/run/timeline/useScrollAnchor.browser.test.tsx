import { act, useState } from "react"
import { createRoot, type Root } from "react-dom/client"
import { afterEach, beforeEach, expect, test } from "vitest"
import { page as browserPage, userEvent } from "vitest/browser"
import type { RunPageStore } from "@/components/run/createRunPageStore"
import { RunPageStoreProvider, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { turnList } from "@/lib/timeline/rows/turnList"
import { type RowSource, rowAt, turnRows } from "@/lib/timeline/rows/turnRows"
import { NO_OUTLINES } from "@/lib/trace/view/OutlineList"
import { HEAD_PX } from "./TimelineHead"
import { usePauseFollow } from "./usePauseFollow"
import { useScrollAnchor } from "./useScrollAnchor"

// React requires this if tests update state outside of events.
Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

const ROW_PX = 28
const HEIGHT_PX = 300

type Data = {
  turns: number
  /** Number of turns of a child run that is expanded below turn 2. */
  childTurns: number
}

let root: Root
let page: RunPageStore
let setData: (data: Data) => void

/** A timeline's scroller with simplified rows. */
function Harness() {
  const { page: store } = useRunPageStore()
  const [data, set] = useState<Data>({ turns: 50, childTurns: 0 })
  const [scroller, setScroller] = useState<HTMLElement | null>(null)
  page = store
  setData = set
  usePauseFollow(scroller, data.turns)
  return (
    <div
      ref={setScroller}
      data-testid="scroller"
      style={{ height: HEIGHT_PX, overflowY: "auto", overflowAnchor: "none" }}
    >
      <div style={{ height: HEAD_PX, position: "sticky", top: 0 }} />
      {scroller === null ? null : <Rows scroller={scroller} data={data} />}
    </div>
  )
}

function Rows({ scroller, data }: { scroller: HTMLElement; data: Data }) {
  const listOf = (turns: number) => turnList(NO_OUTLINES, turns)
  const sources: Record<string, RowSource> = {
    run: {
      list: listOf(data.turns),
      expandedAt: new Map(data.childTurns > 0 ? [[2, ["child"]]] : []),
    },
    child: { list: listOf(data.childTurns), expandedAt: new Map() },
  }
  const rows = turnRows("run", (id) => sources[id])
  useScrollAnchor({ scroller, rows, count: rows.count, rowPx: ROW_PX })
  return Array.from({ length: rows.count }, (_, number) => {
    const row = rowAt(rows, number)
    const name = `${row?.runId} ${row?.index}`
    return (
      <div key={name} data-row={name} style={{ height: ROW_PX }}>
        {name}
      </div>
    )
  })
}

beforeEach(async () => {
  window.history.replaceState(null, "", "/")
  const box = document.createElement("div")
  document.body.append(box)
  root = createRoot(box)
  await act(() =>
    root.render(
      <RunPageStoreProvider runId="run">
        <Harness />
      </RunPageStoreProvider>,
    ),
  )
})
afterEach(async () => {
  await act(() => root.unmount())
  document.body.replaceChildren()
})

const scroller = () => {
  const element = document.querySelector<HTMLElement>("[data-testid=scroller]")
  if (element === null) throw new Error("the harness has no scroller")
  return element
}
const update = (data: Partial<Data>) => act(() => setData({ turns: 50, childTurns: 0, ...data }))
const isAtEnd = () => scroller().scrollHeight - scroller().scrollTop - scroller().clientHeight < 1
const topOf = (row: string) => document.querySelector(`[data-row="${row}"]`)?.getBoundingClientRect().top
const mode = () => page.store.getState().mode
const scrollTo = async (top: number) => {
  await act(() => page.pause(50))
  scroller().scrollTop = top
}

test("follows the end while turns arrive", async () => {
  expect(isAtEnd()).toBe(true)
  await update({ turns: 80 })
  expect(isAtEnd()).toBe(true)
})

test("the wheel pauses following, and new turns don't scroll", async () => {
  await browserPage.getByTestId("scroller").hover()
  await userEvent.wheel(scroller(), { delta: { y: -200 } })
  await expect.poll(() => mode()).toEqual({ kind: "paused", at: 50 })
  await expect.poll(() => isAtEnd()).toBe(false)
  const { scrollTop } = scroller()
  await update({ turns: 90 })
  expect(scroller().scrollTop).toBe(scrollTop)
})

test("scrolling down to the end manually resumes following", async () => {
  await scrollTo(scroller().scrollTop - 60)
  expect(mode().kind).toBe("paused")
  await userEvent.wheel(scroller(), { delta: { y: 200 } })
  await userEvent.wheel(scroller(), { delta: { y: 200 } })
  await expect.poll(() => mode()).toEqual({ kind: "live" })
})

test("scrolling down to the end doesn't resume following while a turn is selected", async () => {
  await act(() => page.select({ runId: "run", index: 45 }, 50))
  await userEvent.wheel(scroller(), { delta: { y: 400 } })
  await userEvent.wheel(scroller(), { delta: { y: 400 } })
  expect(mode().kind).toBe("paused")
})

test("selecting text pauses following", async () => {
  const row = document.querySelector('[data-row="run 48"]')
  if (row === null) throw new Error("the row isn't rendered")
  await act(() => document.getSelection()?.selectAllChildren(row))
  await expect.poll(() => mode().kind).toBe("paused")
})

test("the topmost row stays where it is when rows are inserted above it", async () => {
  await scrollTo(20 * ROW_PX)
  const before = topOf("run 20")
  await update({ childTurns: 7 })
  expect(topOf("run 20")).toBe(before)
  await update({ childTurns: 0 })
  expect(topOf("run 20")).toBe(before)
})

test("the selected row stays where it is when rows are inserted above it", async () => {
  await act(() => page.select({ runId: "run", index: 22 }, 50))
  const before = topOf("run 22")
  await update({ childTurns: 3, turns: 60 })
  expect(topOf("run 22")).toBe(before)
})

test("a selected turn is scrolled into view, and centered if it is far away", async () => {
  await act(() => page.select({ runId: "run", index: 3 }, 50))
  const { top, bottom } = scroller().getBoundingClientRect()
  const row = topOf("run 3") ?? 0
  expect(row).toBeGreaterThanOrEqual(top + HEAD_PX)
  expect(row + ROW_PX).toBeLessThanOrEqual(bottom)
})

test("a selection scrolls again when its turn arrives, but not when its row moves", async () => {
  await act(() => page.select({ runId: "run", index: 55 }, 50))
  const { scrollTop } = scroller()
  await update({ turns: 52 })
  expect(scroller().scrollTop).toBe(scrollTop)
  await update({ turns: 70 })
  const row = topOf("run 55") ?? 0
  expect(row).toBeLessThan(scroller().getBoundingClientRect().bottom)
})

test("going live scrolls to the end again", async () => {
  await scrollTo(0)
  await update({ turns: 90 })
  expect(scroller().scrollTop).toBe(0)
  await act(() => page.goLive())
  expect(isAtEnd()).toBe(true)
})
