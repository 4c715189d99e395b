"use client"

import { useKeys } from "@/components/shell/keys/useKeys"
import { copyText } from "@/components/ui/CopyButton"
import type { TurnOutline } from "@/lib/protocol/turn"
import { rowAt, rowNumberOf } from "@/lib/timeline/rows/runRows"
import { outlineAt } from "@/lib/trace/view/OutlineList"
import type { RunTree } from "./header/useRunTree"
import { runPageLink, useRunPageStore } from "./RunPageStoreProvider"
import { usePlayToggle } from "./replay/usePlayback"
import { stepTurns } from "./timeline/stepTurns"

type KeyAction = Parameters<typeof useKeys>[0][string]
export type RunKeysProps = { tree: RunTree; onZoom: (factor: number) => void }

/** The keys of the run's page; it draws nothing. */
export function RunKeys({ tree, onZoom }: RunKeysProps) {
  const { reader, runId } = useRunPageStore()
  const togglePlay = usePlayToggle()
  const cursor = tree.views.get(runId)?.cursor ?? 0
  const selected = () => reader.store.getState().selected
  const goTo = (place: number) => {
    const row = rowAt(tree.rows, Math.min(Math.max(0, place), tree.rows.count - 1))
    if (row !== undefined) reader.select({ runId: row.runId, index: row.index }, cursor)
  }
  const step = (by: 1 | -1) => {
    const turn = selected()
    const place = turn === undefined ? undefined : rowNumberOf(tree.rows, turn)
    if (place === undefined) goTo(by === 1 ? 0 : tree.rows.count - 1)
    else goTo(place + by)
  }
  const jump = (by: 1 | -1, wanted: (outline: TurnOutline, here: TurnOutline | undefined) => boolean) => {
    const turn = selected()
    const run = turn?.runId ?? runId
    const view = tree.views.get(run)
    if (view === undefined) return
    const here = turn === undefined ? undefined : outlineAt(view.outlines, turn.index)
    const last = run === runId ? tree.cursor : view.cursor
    const from = turn?.index ?? (by === 1 ? -1 : last)
    const next = stepTurns(view.outlines, last, from, by, (outline) => wanted(outline, here))
    if (next !== undefined) reader.select({ runId: run, index: next }, cursor)
  }
  const isError = (outline: TurnOutline) => outline.error === true
  const isSameTool = (outline: TurnOutline, here: TurnOutline | undefined) =>
    here !== undefined && outline.tool === here.tool && outline.kind === here.kind
  const fold = (open: boolean) => {
    const turn = selected()
    if (turn === undefined) return
    for (const id of tree.childrenOf(turn.runId).get(turn.index) ?? []) reader.openRun(id, open)
  }
  const first = () => goTo(0)
  const next = () => step(1)
  const previous = () => step(-1)
  const nearer = () => onZoom(1.5)
  useKeys(
    Object.fromEntries<KeyAction>([
      ["j", next],
      ["ArrowDown", next],
      ["k", previous],
      ["ArrowUp", previous],
      ["g", first],
      ["Home", first],
      ["G", () => goTo(tree.rows.count - 1)],
      ["Enter", () => selected() !== undefined && act(() => reader.inspect(true))],
      ["Escape", () => selected() !== undefined && act(() => reader.select(undefined, cursor))],
      ["e", () => jump(1, isError)],
      ["E", () => jump(-1, isError)],
      [".", () => jump(1, isSameTool)],
      [",", () => jump(-1, isSameTool)],
      ["f", () => reader.zoomTo(undefined)],
      ["+", nearer],
      ["=", nearer],
      ["-", () => onZoom(1 / 1.5)],
      ["[", () => fold(false)],
      ["]", () => fold(true)],
      [" ", togglePlay],
      ["l", reader.goLive],
      ["L", reader.goLive],
      ["End", reader.goLive],
      ["y", () => act(() => copyText(runPageLink(reader, runId)).catch(() => undefined))],
    ]),
  )
  return null
}

function act(does: () => unknown): true {
  does()
  return true
}
