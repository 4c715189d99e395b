// Runs in the page before the page's own scripts and records what is visible and when. Bundled separately, so it doesn't
// import anything.

/**
 * Times since the navigation, ms, until the first row of a turn was painted, until a click right after that had selected
 * a turn, until the newest turn was visible, and until all turns were loaded.
 */
export type Opened = { firstRowMs?: number; interactiveMs?: number; newestMs?: number; wholeMs?: number }
export type Blank = {
  frames: number
  uncovered: number
  longestMs: number
  inARow: number
  /** Frames painted with a blank edge. */
  painted: number
  mostRows: number
  skeletons: number
}
export type Probe = {
  opened: Opened
  /** How long each turn took from its agent to the screen, ms. */
  latencies: number[]
  /** When rows of the runs page showed new cursors: `[run_id, cursor, ms since 1970]`. */
  cursors: [string, number, number][]
  longTasks: number[]
  shift: number
  /** Resolves when the current document has been painted. Call it outside of a frame. */
  painted(): Promise<void>
  startLatency(): void
  startCursors(): void
  startBlank(): void
  stopBlank(): Blank
  resetTasks(): void
}

declare global {
  interface Window {
    bench: Probe
    benchReport(word: string): void
  }
}

const wallMs = () => performance.timeOrigin + performance.now()

/** Calls `listener` when the current document has been painted. */
function afterPaint(listener: () => void): void {
  requestAnimationFrame(() => {
    const channel = new MessageChannel()
    channel.port1.onmessage = listener
    channel.port2.postMessage(undefined)
  })
}

const opened: Opened = {}
function note(what: keyof Opened, word: string, then?: () => void): void {
  if (opened[what] !== undefined) return
  opened[what] = Number.NaN
  afterPaint(() => {
    opened[what] = performance.now()
    window.benchReport(word)
    then?.()
  })
}

const clicks = location.hash === "#click"
/** If the URL asks for it, clicks the last visible row once pending tasks have run. */
function clickARow(): void {
  if (!clicks) return
  setTimeout(() => [...rowsOf()].filter(isFilled).at(-1)?.click())
}

const rowsOf = () => document.querySelectorAll<HTMLElement>("[data-turn-index]")
/** Returns true if the outline of a row's turn has been loaded, so it isn't a placeholder. */
const isFilled = (row: Element) => row.querySelector("[data-bar]") !== null

function lookForOpening(): void {
  const main = document.querySelector<HTMLElement>("main[data-page=run]")
  if (main === null) return
  const rows = [...rowsOf()]
  const filled = rows.filter(isFilled)
  if (filled.length > 0) note("firstRowMs", "firstRow", clickARow)
  if (rows.some((row) => row.ariaSelected === "true")) note("interactiveMs", "interactive")
  const cursor = Number(main.dataset.cursor)
  if (filled.some((row) => Number(row.dataset.turnIndex) === cursor - 1)) note("newestMs", "newest")
  if (cursor > 0 && main.dataset.viewCursor === main.dataset.cursor) note("wholeMs", "whole")
}

function isOpen(): boolean {
  const { wholeMs, newestMs, interactiveMs } = opened
  return wholeMs !== undefined && newestMs !== undefined && (!clicks || interactiveMs !== undefined)
}

let measuresLatency = false
const latencies: number[] = []
function lookForTurns(added: NodeList): void {
  for (const node of added) {
    if (!(node instanceof HTMLElement)) continue
    const rows = node.matches("[data-turn-index]") ? [node] : node.querySelectorAll("[data-turn-index]")
    for (const row of rows) {
      const sent = /sent (\d+\.\d+)/.exec(row.textContent ?? "")?.[1]
      if (sent !== undefined) afterPaint(() => latencies.push(wallMs() - Number(sent)))
    }
  }
}

const cursors: Probe["cursors"] = []
let measuresCursors = false
function lookAtCursor(target: Node): void {
  if (!(target instanceof HTMLElement) || target.dataset.runId === undefined) return
  const { runId } = target.dataset
  const cursor = Number(target.dataset.cursor)
  afterPaint(() => cursors.push([runId, cursor, wallMs()]))
}

new MutationObserver((changes) => {
  if (!isOpen()) lookForOpening()
  for (const change of changes) {
    if (measuresLatency && change.type === "childList") lookForTurns(change.addedNodes)
    if (measuresCursors && change.type === "attributes" && change.attributeName === "data-cursor")
      lookAtCursor(change.target)
  }
}).observe(document, {
  subtree: true,
  childList: true,
  attributes: true,
  attributeFilter: ["data-view-cursor", "data-cursor", "aria-selected"],
})

const longTasks: number[] = []
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) longTasks.push(entry.duration)
}).observe({ type: "longtask", buffered: true })
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const shift = entry as PerformanceEntry & { value: number; hadRecentInput: boolean }
    if (!shift.hadRecentInput) window.bench.shift += shift.value
  }
}).observe({ type: "layout-shift", buffered: true })

/** Returns true if rows fill the visible part of their scroll container below the table's head. */
function isCovered(scroller: HTMLElement, grid: HTMLElement): boolean {
  const head = scroller.firstElementChild?.getBoundingClientRect()
  const seen = scroller.getBoundingClientRect()
  const all = grid.getBoundingClientRect()
  const from = Math.max(head?.bottom ?? seen.top, all.top)
  const to = Math.min(seen.bottom, all.bottom)
  const boxes = [...rowsOf()].map((row) => row.getBoundingClientRect())
  if (boxes.length === 0) return to <= from
  const top = Math.min(...boxes.map((box) => box.top))
  const bottom = Math.max(...boxes.map((box) => box.bottom))
  // The pending turn is drawn after the last row.
  return top <= from + 1 && bottom >= to - 40
}

let blank: (Blank & { run: number }) | undefined
function startBlank(): void {
  const grid = document.querySelector<HTMLElement>("[role=treegrid]")
  const scroller = grid?.parentElement
  if (!grid || !scroller) throw new Error("The page has no timeline.")
  blank = { frames: 0, uncovered: 0, longestMs: 0, inARow: 0, painted: 0, mostRows: 0, skeletons: 0, run: 0 }
  // Runs before the page's own listeners, so the document is still as the last frame painted it.
  const listen = (event: Event) => {
    if (blank === undefined || event.target !== scroller) return
    blank.frames++
    // Runs in the same frame after the page's own listeners, so the document is as it will be painted.
    requestAnimationFrame(() => {
      if (blank !== undefined && !isCovered(scroller, grid)) blank.painted++
    })
    if (isCovered(scroller, grid)) {
      blank.run = 0
      return
    }
    const since = performance.now()
    blank.uncovered++
    blank.inARow = Math.max(blank.inARow, ++blank.run)
    afterPaint(() => {
      if (blank !== undefined) blank.longestMs = Math.max(blank.longestMs, performance.now() - since)
    })
  }
  document.addEventListener("scroll", listen, { capture: true, passive: true })
  const count = () => {
    if (blank === undefined) {
      document.removeEventListener("scroll", listen, { capture: true })
      return
    }
    const rows = rowsOf()
    blank.mostRows = Math.max(blank.mostRows, rows.length)
    blank.skeletons = Math.max(blank.skeletons, [...rows].filter((row) => !isFilled(row)).length)
    requestAnimationFrame(count)
  }
  requestAnimationFrame(count)
}

window.bench = {
  opened,
  latencies,
  cursors,
  longTasks,
  shift: 0,
  painted: () => new Promise(afterPaint),
  startLatency() {
    measuresLatency = true
    latencies.length = 0
  },
  startCursors() {
    measuresCursors = true
    cursors.length = 0
  },
  startBlank,
  stopBlank() {
    const seen = blank
    blank = undefined
    if (seen === undefined) throw new Error("stopBlank without startBlank")
    const { run, ...rest } = seen
    return rest
  },
  resetTasks() {
    longTasks.length = 0
    window.bench.shift = 0
  },
}
