"use client"

import { announceResult } from "@/components/shell/announce"
import { type KeyBindings, useKeys } from "@/components/shell/keys/useKeys"
import { copyText } from "@/components/ui/CopyButton"
import type { TurnOutline } from "@/lib/protocol/turn"
import { rowAt, rowNumberOf } from "@/lib/timeline/rows/turnRows"
import { outlineAt } from "@/lib/trace/view/OutlineList"
import type { RunPageStore } from "./createRunPageStore"
import { runPageLink, useRunPageStore } from "./RunPageStoreProvider"
import { usePlayToggle } from "./replay/usePlayback"
import { strings } from "./strings"
import { findNextTurn } from "./timeline/findTurns"
import type { RunTree } from "./useRunTree"

export type RunKeysProps = { tree: RunTree; onZoom: (factor: number) => void }

const ZOOM = 1.5

/** The keyboard shortcuts of the run page. Renders nothing. */
export function RunKeys({ tree, onZoom }: RunKeysProps) {
  const { page, runId } = useRunPageStore()
  const togglePlay = usePlayToggle()
  const actions = rowActions(page, runId, tree)
  const { step, selectRow, jump, setExpanded } = actions
  useKeys(
    Object.fromEntries<KeyBindings[string]>([
      ["j", () => step(1)],
      ["ArrowDown", () => step(1)],
      ["k", () => step(-1)],
      ["ArrowUp", () => step(-1)],
      ["g", () => selectRow(0)],
      ["Home", () => selectRow(0)],
      ["G", () => selectRow(tree.rows.count - 1)],
      [
        "Enter",
        () => page.store.getState().selected !== undefined && handled(() => page.openInspector(true)),
      ],
      ["Escape", () => resetView(page, tree.views.get(runId)?.cursor ?? 0)],
      ["e", () => jump(1, isError)],
      ["E", () => jump(-1, isError)],
      [".", () => jump(1, isSameTool)],
      [",", () => jump(-1, isSameTool)],
      ["f", () => page.zoomTo(undefined)],
      ["+", () => onZoom(ZOOM)],
      ["=", () => onZoom(ZOOM)],
      ["-", () => onZoom(1 / ZOOM)],
      ["[", () => setExpanded(false)],
      ["ArrowLeft", () => setExpanded(false)],
      ["]", () => setExpanded(true)],
      ["ArrowRight", () => setExpanded(true)],
      [" ", togglePlay],
      ["l", page.goLive],
      ["L", page.goLive],
      ["End", page.goLive],
      ["y", () => handled(() => copyLink(runPageLink(page, runId)))],
    ]),
  )
  return null
}

async function copyLink(link: string): Promise<void> {
  const copied = await copyText(link).then(
    () => true,
    () => false,
  )
  announceResult(copied ? strings.keys.linkCopied : strings.keys.linkNotCopied)
}

function handled(action: () => unknown): true {
  action()
  return true
}

/**
 * Resets the filter and the order, or if neither is set, clears the selection. Returns false if there was nothing to
 * do.
 */
function resetView(page: RunPageStore, cursor: number): boolean {
  const { filter, sort, selected } = page.store.getState()
  if (filter.length > 0 || sort !== undefined) {
    page.setFilter([])
    page.setSort(undefined, cursor)
    return true
  }
  if (selected === undefined) return false
  page.select(undefined, cursor)
  return true
}

type Matches = (outline: TurnOutline, selected: TurnOutline | undefined) => boolean

const isError: Matches = (outline) => outline.error === true

const isSameTool: Matches = (outline, selected) =>
  selected !== undefined && outline.tool === selected.tool && outline.kind === selected.kind

function rowActions(page: RunPageStore, runId: string, tree: RunTree) {
  const cursor = tree.views.get(runId)?.cursor ?? 0
  const selected = () => page.store.getState().selected
  const selectRow = (number: number) => {
    const row = rowAt(tree.rows, Math.min(Math.max(0, number), tree.rows.count - 1))
    if (row !== undefined) page.select({ runId: row.runId, index: row.index }, cursor)
  }
  const step = (by: 1 | -1) => {
    const turn = selected()
    const number = turn === undefined ? undefined : rowNumberOf(tree.rows, turn)
    if (number === undefined) selectRow(by === 1 ? 0 : tree.rows.count - 1)
    else selectRow(number + by)
  }
  /** Selects the next (1) or previous (-1) matching turn in the list. */
  const jump = (by: 1 | -1, matches: Matches) => {
    const turn = selected()
    const runOfTurn = turn?.runId ?? runId
    const view = tree.views.get(runOfTurn)
    if (view === undefined) return
    const outline = turn === undefined ? undefined : outlineAt(view.outlines, turn.index)
    const end = runOfTurn === runId ? tree.cursor : view.cursor
    const from = turn?.index ?? (by === 1 ? -1 : end)
    const isShown = (index: number) => runOfTurn !== runId || tree.list.rowOf(index) !== undefined
    const next = findNextTurn(
      view.outlines,
      end,
      from,
      by,
      (one) => matches(one, outline) && isShown(one.index),
    )
    if (next !== undefined) page.select({ runId: runOfTurn, index: next }, cursor)
  }
  /** Expands or collapses the child runs of the selected turn, or its repeated turns. */
  const setExpanded = (expanded: boolean) => {
    const turn = selected()
    if (turn === undefined) return
    for (const id of tree.childrenOf(turn.runId).get(turn.index) ?? []) page.expandRun(id, expanded)
    const row = rowAt(tree.rows, rowNumberOf(tree.rows, turn) ?? -1)
    if (row?.runId === runId && row.repeat !== undefined) page.expandRepeat(row.index, expanded)
  }
  return { selectRow, step, jump, setExpanded }
}
